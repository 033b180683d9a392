# shellcheck shell=bash
# Set-up shared by scripts/run and scripts/test. It is sourced with the current directory anywhere.

# shellcheck disable=SC2034 # the scripts that source this file use it
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# One target folder outside the checkout, so that the window, the tests and every fresh clone
# share one build of the dependencies.
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/arclight-target}"
[[ $CARGO_TARGET_DIR == /* || $CARGO_TARGET_DIR == ?:* ]] || CARGO_TARGET_DIR=$root/$CARGO_TARGET_DIR

apt_is_fresh=

say() { printf '%s\n' "$*" >&2; }

die() {
  say "$@"
  exit 1
}

need_compiler() {
  command -v cargo >/dev/null || die "cargo is missing: install Rust, best with rustup."
  command -v cc >/dev/null || die "A C compiler is missing: install gcc or clang."
  command -v c++ >/dev/null || die "A C++ compiler is missing: install g++ or clang."
}

# A driver announces itself to the Vulkan loader with a file; without any there is no device.
have_vulkan_driver() {
  [[ -n ${VK_DRIVER_FILES:-}${VK_ICD_FILENAMES:-} ]] && return
  compgen -G '/usr/share/vulkan/icd.d/*.json' >/dev/null ||
    compgen -G '/usr/local/share/vulkan/icd.d/*.json' >/dev/null ||
    compgen -G '/etc/vulkan/icd.d/*.json' >/dev/null
}

have_runtime_libraries() {
  local library cache
  cache=$(PATH=$PATH:/sbin:/usr/sbin ldconfig -p 2>/dev/null) || true
  for library in libvulkan.so.1 libxkbcommon.so.0 libxkbcommon-x11.so.0 libX11.so.6 \
    libX11-xcb.so.1 libXcursor.so.1 libXi.so.6 libXrandr.so.2 libwayland-client.so.0; do
    [[ $cache == *"$library"* ]] || return 1
  done
}

is_installed() {
  [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# install_missing WHY PACKAGE...: what is there already costs nothing and says nothing.
install_missing() {
  local why=$1 package log
  local missing=() as_root=()
  shift
  for package in "$@"; do
    is_installed "$package" || missing+=("$package")
  done
  ((${#missing[@]})) || return 0

  if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
      say "Missing, $why: ${missing[*]}"
      say "Neither root nor sudo is at hand; as root, run: apt-get install ${missing[*]}"
      return 0
    fi
    as_root=(sudo)
  fi
  say "Installing, $why: ${missing[*]}"
  log=$(mktemp)
  # A failing update may be one foreign source of many; the install tells whether it matters.
  [[ -n $apt_is_fresh ]] || "${as_root[@]}" apt-get update >"$log" 2>&1 || true
  apt_is_fresh=1
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y --no-install-recommends "${missing[@]}" >>"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    die "apt-get could not install: ${missing[*]}"
  }
  rm -f "$log"
}

# What the window opens at run time with dlopen, so that no linker asks for it.
install_runtime() {
  [[ $(uname -s) == Linux ]] || return 0
  if ! command -v apt-get >/dev/null; then
    have_runtime_libraries && have_vulkan_driver && return
    name_packages "the Vulkan loader, a Vulkan driver and the X11/Wayland client libraries" \
      "vulkan-loader mesa-vulkan-drivers libxkbcommon libxkbcommon-x11 libX11 libX11-xcb libXcursor libXi libXrandr libwayland-client" \
      "vulkan-icd-loader vulkan-swrast libxkbcommon libxkbcommon-x11 libx11 libxcursor libxi libxrandr wayland"
    return 0
  fi
  install_missing "for the window and its Vulkan loader" libvulkan1 libxkbcommon0 \
    libxkbcommon-x11-0 libx11-6 libx11-xcb1 libxcursor1 libxi6 libxrandr2 libwayland-client0
  have_vulkan_driver ||
    install_missing "as no Vulkan driver was found (llvmpipe draws on the CPU)" mesa-vulkan-drivers
}

# What only the tests need: a display without a screen, a hand on its mouse, a font for the test of a text in
# Chinese, ffmpeg as the independent reader of clips, and numpy and safetensors as the independent readers of what is exported. Sets ARCLIGHT_PYTHON to a
# Python that has both.
install_test_tools() {
  export ARCLIGHT_PYTHON=${ARCLIGHT_PYTHON:-python3}
  if [[ $(uname -s) == Linux ]]; then
    if command -v apt-get >/dev/null; then
      install_missing "for the window test" xvfb xdotool
      # The smallest that has Chinese and Japanese.
      install_missing "for the test of a text in Chinese" fonts-droid-fallback
      install_missing "as tests read recorded clips with it" ffmpeg
    elif ! command -v Xvfb >/dev/null || ! command -v xdotool >/dev/null; then
      name_packages "Xvfb and xdotool for the window test" \
        "xorg-x11-server-Xvfb xdotool" "xorg-server-xvfb xdotool"
    fi
  fi
  if ! command -v apt-get >/dev/null && ! command -v ffprobe >/dev/null; then
    name_packages "ffmpeg and ffprobe for the tests of recorded clips" ffmpeg ffmpeg
  fi
  if ! "$ARCLIGHT_PYTHON" -c 'import numpy' 2>/dev/null; then
    if command -v apt-get >/dev/null; then
      install_missing "as a test reads an exported .npz with it" python3-numpy
      ARCLIGHT_PYTHON=/usr/bin/python3 # another python3 may come first in PATH and lack numpy
    else
      name_packages "numpy for the test of exported .npz files" python3-numpy python-numpy
    fi
  fi
  install_safetensors
}

# Pinned, as the tools of scripts/test are.
safetensors_version=0.6.2

has_safetensors() {
  [[ $("$1" -c 'import numpy, safetensors.numpy; print(safetensors.__version__)' 2>/dev/null) == "$safetensors_version" ]]
}

# Few systems package it, so it goes into a folder of its own, beside the numpy that is there.
install_safetensors() {
  local venv=$CARGO_TARGET_DIR/tools/python
  has_safetensors "$ARCLIGHT_PYTHON" && return
  if ! has_safetensors "$venv/bin/python"; then
    make_venv "$venv" || {
      ! command -v apt-get >/dev/null || install_missing "as a test reads a trace in Python" python3-venv
      make_venv "$venv"
    } || {
      say "safetensors $safetensors_version cannot be installed for $ARCLIGHT_PYTHON, so its test is skipped."
      return 0
    }
    say "Installed safetensors $safetensors_version in $venv"
  fi
  ARCLIGHT_PYTHON=$venv/bin/python
}

make_venv() {
  "$ARCLIGHT_PYTHON" -m venv --clear --system-site-packages "$1" >/dev/null 2>&1 &&
    "$1/bin/python" -m pip install -q --disable-pip-version-check --only-binary :all: --no-deps \
      "safetensors==$safetensors_version" >/dev/null 2>&1 &&
    has_safetensors "$1/bin/python"
}

# name_packages WHAT FEDORA ARCH: without apt nothing is installed, only named.
name_packages() {
  say "This system has no apt, so please see to it that you have $1."
  say "  Fedora: dnf install $2"
  say "  Arch:   pacman -S --needed $3"
}
