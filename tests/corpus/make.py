#!/usr/bin/env python3
"""Makes the files of this folder that are made to break a reader.

Each is small; what it claims to be is not. `expected.txt` has what the program says of it.
"""

import io
import json
import struct
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).parent


def put(name, content):
    path = HERE / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


# safetensors: length of the header, header, data


def raw(header, data=b"", length=None):
    header = header if isinstance(header, bytes) else header.encode()
    return struct.pack("<Q", len(header) if length is None else length) + header + data


def tensors(data=b"", **entries):
    return raw(json.dumps(entries), data)


def entry(shape, start, end, dtype="F16"):
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


def safetensors():
    def f(name, content):
        put(f"safetensors/{name}.st", content)

    f("empty", b"")
    f("seven-bytes", b"\x08\0\0\0\0\0\0")
    f("length-largest", raw("{}", length=2**64 - 1))
    f("length-hundred-megabytes", raw("{}", length=100_000_000))
    f("length-one-too-long", raw("{}", length=3))
    f("header-not-utf8", raw(b'{"a\xff": 1}'))
    f("header-list", raw("[1, 2, 3]"))
    f("header-deep", raw('{"a":' * 10_000))
    f("header-deep-lists", raw('{"a":' + "[" * 50_000))
    f("header-long-number", raw('{"a":{"dtype":"F16","shape":[' + "9" * 10_000 + '],"data_offsets":[0,0]}}'))
    f("shape-overflows", tensors(a=entry([2**32, 2**32, 4], 0, 0)))
    f("shape-negative", raw('{"a":{"dtype":"F16","shape":[-1],"data_offsets":[0,0]}}'))
    f("shape-of-many-ones", tensors(b"\0\0", a=entry([1] * 20_000, 0, 2)))
    f("offsets-overflow", tensors(a=entry([2], 2**64 - 4, 2**64 - 1)))
    f("offsets-backwards", tensors(bytes(8), a=entry([2], 8, 4)))
    f("offsets-beyond", tensors(bytes(8), a=entry([4], 4, 12)))
    f("tensors-overlap", tensors(bytes(8), a=entry([4], 0, 8), b=entry([2], 2, 6)))
    f("tensor-twice", raw('{"a":%s,"a":%s}' % ((json.dumps(entry([2], 0, 4)),) * 2), bytes(4)))
    f("type-unknown", tensors(bytes(8), a=entry([4], 0, 8, "F17")))
    f("name-bidi-and-escapes", tensors(bytes(2), **{"blocks.\u202e\x1b[2J\n" + "x" * 5000: entry([1], 0, 2)}))
    f("names-empty-tensors", tensors(**{f"blocks.{i}.att.key.weight": entry([0], 0, 0) for i in range(500)}))
    f("one-tensor", tensors(bytes(8), a=entry([4], 0, 8)))
    f("layer-number-largest", tensors(bytes(8), **{f"blocks.{2**64 - 1}.att.key.weight": entry([4], 0, 8)}))
    f("layer-number-too-large", tensors(bytes(8), **{f"blocks.{'9' * 40}.att.key.weight": entry([4], 0, 8)}))
    f("embedding-alone-wide", tensors(**{"emb.weight": entry([0, 2**40], 0, 0)}))
    f("metadata-list", raw('{"__metadata__":[1]}'))
    # A frame that says it holds 4 GiB, and a block of the same byte, many times.
    f("zstd-claims-much", b"\x28\xb5\x2f\xfd\xe0" + struct.pack("<Q", 2**40) + b"\x03\0\0")
    block = struct.pack("<I", (128 << 10) << 3 | 1 << 1)[:3] + b"\0"
    end = struct.pack("<I", (128 << 10) << 3 | 1 << 1 | 1)[:3] + b"\0"
    bomb = b"\x28\xb5\x2f\xfd" + bytes([0x00, 0x58]) + block * 20_000 + end
    f("zstd-bomb", bomb)


# What PyTorch saves: a pickle, in a zip with the numbers beside it


def short(text):
    data = text.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def number(n):
    if 0 <= n < 2**31:
        return b"J" + struct.pack("<i", n)
    data = n.to_bytes(max((n.bit_length() + 8) // 8, 1), "little", signed=True)
    return b"\x8a" + bytes([len(data)]) + data


def numbers(values):
    return b"(" + b"".join(map(number, values)) + b"t"


def tensor(key="0", stored=4, offset=0, shape=(2, 2), strides=(2, 1)):
    """torch._utils._rebuild_tensor_v2 of a persistent storage."""
    storage = b"(" + short("storage") + b"ctorch\nHalfStorage\n" + short(key) + short("cpu") + number(stored) + b"tQ"
    end = b"\x89ccollections\nOrderedDict\n)RtR"
    return b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + number(offset) + numbers(shape) + numbers(strides) + end


def pickle(body):
    return b"\x80\x02" + body + b"."


def state(*entries):
    return pickle(b"}(" + b"".join(short(name) + value for name, value in entries) + b"u")


def checkpoint(program, storages=(("0", bytes(8)),), compress=False, folder="archive"):
    out = io.BytesIO()
    kind = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
    with zipfile.ZipFile(out, "w", kind) as file:

        def add(name, content):
            file.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, kind)

        add(f"{folder}/data.pkl", program)
        add(f"{folder}/version", "3\n")
        for key, content in storages:
            add(f"{folder}/data/{key}", content)
    return out.getvalue()


def pth():
    def f(name, program, **options):
        put(f"pth/{name}.pth", checkpoint(program, **options))

    f("one-tensor", state(("emb.weight", tensor())))
    f("calls-system", pickle(b"cposix\nsystem\n" + short("touch /tmp/arclight-was-here") + b"\x85R"))
    f("calls-eval", state(("emb.weight", b"cbuiltins\neval\n" + short("1 / 0") + b"\x85R")))
    f("builds-object", pickle(b"csubprocess\nPopen\n)\x81}" + short("args") + short("true") + b"sb"))
    f("stack-global", b"\x80\x04" + short("os") + short("system") + b"\x93" + short("true") + b"\x85R.")
    f("extension-code", pickle(b"\x82\x01)R"))
    f("persistent-id-of-text", pickle(short("../../etc/passwd") + b"Q"))
    f("storage-key-is-a-path", state(("emb.weight", tensor(key="../../../../etc/passwd"))))
    f("storage-absent", state(("emb.weight", tensor(key="7"))))
    f("stride-huge", state(("emb.weight", tensor(strides=(2**62, 1)))))
    f("stride-negative", state(("emb.weight", tensor(strides=(-2, 1)))))
    f("stride-zero-over-much", state(("emb.weight", tensor(shape=(2**31 - 1, 2**31 - 1), strides=(0, 0)))))
    f("shape-huge", state(("emb.weight", tensor(shape=(2**40, 2**40)))))
    f("shape-negative", state(("emb.weight", tensor(shape=(-2, 2)))))
    f("offset-huge", state(("emb.weight", tensor(offset=2**63 - 1))))
    f("offset-beyond", state(("emb.weight", tensor(offset=3))))
    f("stored-huge", state(("emb.weight", tensor(stored=2**62))))
    f("one-storage-many-tensors", state(*((f"blocks.{i}.att.key.weight", tensor()) for i in range(400))))
    f("no-end", b"\x80\x02}")
    f("stack-empty", pickle(b"R"))
    f("mark-missing", pickle(b"t"))
    f("memo-absent", pickle(b"j\xff\xff\xff\xff"))
    f("memo-far", pickle(b"}r\xff\xff\xff\xff"))
    f("text-longer-than-file", b"\x80\x02X\xff\xff\xff\x7f")
    f("text8-longer-than-file", b"\x80\x04\x8d" + struct.pack("<Q", 2**62))
    f("bytes8-longer-than-file", b"\x80\x04\x8e" + struct.pack("<Q", 2**62))
    f("long4-longer-than-file", b"\x80\x02\x8b\xff\xff\xff\x7f")
    f("frame-longer-than-file", b"\x80\x04\x95" + struct.pack("<Q", 2**62) + b"}.")
    f("nested-lists", pickle(b"]" * 50_000 + b"a" * 49_999))
    f("nested-tuples", pickle(b")" + b"\x85" * 100_000))
    f("nested-dictionaries", pickle(b"".join(b"}" + short("a") for _ in range(30_000)) + b"}" + b"s" * 30_000))
    # Each list has the one before it twice: 2 ** 40 elements by name.
    doubled = b"](K\x01K\x02e" + b"q\x00" + b"".join(b"](h" + bytes([i]) + b"h" + bytes([i]) + b"eq" + bytes([i + 1]) for i in range(40))
    f("lists-doubled", pickle(doubled))
    pairs = b"K\x01q\x00" + b"".join(b"h" + bytes([i]) + b"h" + bytes([i]) + b"\x86q" + bytes([i + 1]) for i in range(60))
    f("pairs-doubled", pickle(pairs))
    f("dup-many", pickle(b"]" + b"2a" * 50_000))
    f("contains-itself", pickle(b"]q\x00h\x00a"))
    f("dictionary-contains-itself", pickle(b"}q\x00" + short("self") + b"h\x00s"))
    # 64 MiB of one opcode in some tens of kilobytes.
    f("zip-bomb", pickle(b"}0" * (32 << 20)), compress=True)
    f("zip-bomb-of-numbers", state(("emb.weight", tensor(stored=32 << 20, shape=(32 << 20,), strides=(1,)))), storages=(("0", bytes(64 << 20)),), compress=True)

    whole = checkpoint(state(("emb.weight", tensor())))
    directory = whole.rfind(b"PK\x05\x06")

    def end(**fields):
        values = dict(zip(("disk", "start", "here", "all", "size", "offset"), struct.unpack_from("<HHHHII", whole, directory + 4)))
        values.update(fields)
        packed = struct.pack("<HHHHII", *values.values())
        return whole[: directory + 4] + packed + whole[directory + 4 + len(packed) :]

    put("pth/zip-directory-beyond.pth", end(offset=2**32 - 2))
    put("pth/zip-directory-counts-much.pth", end(here=65_535, all=65_535))
    put("pth/zip-directory-size.pth", end(size=2**32 - 2))
    put("pth/zip-no-directory.pth", whole[:directory])
    local = bytearray(whole)
    struct.pack_into("<II", local, 18, 2**32 - 2, 2**32 - 2)
    put("pth/zip-entry-sizes.pth", bytes(local))
    central = bytearray(whole)
    struct.pack_into("<II", central, whole.find(b"PK\x01\x02") + 20, 2**32 - 2, 2**32 - 2)
    put("pth/zip-central-sizes.pth", bytes(central))

    # The format before the zip: pickles one after another, then the numbers.
    magic = pickle(b"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19")
    version = pickle(b"M\xe9\x03")
    put("pth/old-nothing-after-magic.pth", magic)
    put("pth/old-calls-system.pth", magic + version + pickle(b"}" + short("little_endian") + b"\x88s") + pickle(b"cposix\nsystem\n" + short("true") + b"\x85R"))
    system = pickle(b"}" + short("little_endian") + b"\x88s")
    old = magic + version + system + pickle(b"}") + pickle(b"(" + short("0") + b"l")
    put("pth/old-storage-counts-much.pth", old + struct.pack("<Q", 2**62))
    put("pth/pickle-bare.pth", pickle(b"}"))


def vocabulary():
    def f(name, content):
        put(f"vocabulary/{name}", content)

    f("good.txt", "1 'a' 1\n2 \"it's\" 4\n3 b'\\xff' 1\n4 'あ' 3\n")
    f("good-crlf.txt", "1 'a' 1\r\n2 ' ' 1\r\n")
    f("good.json", '{"1": "a", "2": [255], "3": "あ"}')
    f("empty.txt", "")
    f("bytes-of-another-kind.txt", "1 'a' 1\n".encode("utf-16"))
    f("byte-order-mark.txt", "\ufeff1 'a' 1\n")
    f("calls.txt", "1 __import__('os').system('true') 1\n")
    f("f-string.txt", "1 f'{1/0}' 1\n")
    f("no-quote-at-the-end.txt", "1 'a 1\n")
    f("escape-at-the-end.txt", "1 'a\\' 1\n")
    f("escape-of-a-surrogate.txt", "1 '\\ud800' 3\n")
    f("escape-too-large.txt", "1 '\\U00110000' 4\n")
    f("escape-too-short.txt", "1 '\\x4' 1\n")
    f("length-wrong.txt", "1 'a' 2\n")
    f("id-negative.txt", "-1 'a' 1\n")
    f("id-too-large.txt", "4294967296 'a' 1\n")
    f("id-beyond-the-model.txt", "65536 'a' 1\n")
    f("id-twice.txt", "1 'a' 1\n1 'b' 1\n")
    f("line-of-nulls.txt", b"\0" * 20_000)
    f("deep.json", '{"1": ' + "[" * 10_000)
    f("byte-too-large.json", '{"1": [256]}')
    f("id-no-number.json", '{"one": "a"}')
    f("id-twice.json", '{"1": "a", "1": "b"}')
    f("list.json", "[1, 2]")


def trace():
    def f(name, metadata, **entries):
        put(f"trace/{name}.safetensors", tensors(__metadata__={"format": "arclight-trace", **metadata}, **entries))

    f("no-layout", {})
    f("later-layout", {"layout": "99", "arclight": "9.9.9"})
    f("layout-of-escapes", {"layout": "\x1b[2J\u202e" * 100})
    f("nothing-else", {"layout": "2", "arclight": "0.1.0"})
    put("trace/metadata-text.safetensors", raw('{"__metadata__":"arclight-trace"}'))
    put("trace/a-model.safetensors", tensors(bytes(8), **{"emb.weight": entry([2, 2], 0, 8)}))


SESSION = 'version = 1\n[session]\nmodel = "demo-v7"\n'
FILM = "version = 1\nduration = 4.0\n[[key]]\nat = 1.0\n"


def texts():
    both = {
        "empty": "",
        "not-utf8": b"version = 1\n\xff\xfe",
        "later-version": "version = 2\nfuture = [1, 2]\n",
        "version-text": 'version = "1"\n',
        "version-negative": "version = -1\n",
        "no-table": "]]]]\n",
        "deep": "version = 1\na = " + "[" * 10_000,
        "deep-tables": "version = 1\na = " + "{a=" * 10_000,
        "dotted": "version = 1\n" + ".".join("a" * 20_000) + " = 1\n",
        "bidi-name": 'version = 1\n"\u202e\u2066" = 1\n',
        "nulls": b"version = 1\n" + b"\0" * 1000,
    }
    for name, text in both.items():
        put(f"session/{name}.toml", text)
        put(f"film/{name}.toml", text)
    for name, line in {
        "token-negative": "token = -1",
        "token-largest": "token = 9223372036854775807",
        "exposure-nan": "exposure = nan",
        "exposure-infinite": "exposure = inf",
        "exposure-negative": "exposure = -1.0",
        "passage-backwards": "passage = { start = 9, end = 3 }",
        "passage-largest": "passage = { start = 0, end = 9223372036854775807 }",
        "folds-overlap": "folds = [{ start = 1, end = 9 }, { start = 2, end = 5 }]",
        "camera-nan": "camera = { focus = [nan, 0.0, 0.0], yaw = nan, pitch = nan, radius = nan }",
        "camera-infinite": "camera = { focus = [inf, 0.0, 0.0], yaw = inf, pitch = -inf, radius = inf }",
        "camera-radius-zero": "camera = { focus = [0.0, 0.0, 0.0], yaw = 0.0, pitch = 0.0, radius = 0.0 }",
        "camera-far": "camera = { focus = [1e38, -1e38, 1e38], yaw = 1e38, pitch = 1e38, radius = 1e38 }",
        "filter-nan": "filter = { mass = nan }",
        "filter-threshold-negative": "filter = { threshold = -inf }",
        "filter-all": "filter = { top-k = 4294967295 }",
        "scale-nan": "scale = { fixed = nan }",
        "heads-beyond": 'heads = ["L4294967295 H4294967295"]',
        "heads-too-large": 'heads = ["L99999999999999999999 H1"]',
        "measure-unknown": 'measure = "soul"',
        "field-unknown": "colour_of_the_sky = 1",
        "field-twice": "token = 1\ntoken = 2",
        "model-is-a-device": 'state = "/dev/zero"',
        "window-backwards": 'window = "9:3"',
        "layers-backwards": 'layers = "9-3"',
        "written-none": "written = 0",
        "target-largest": "target = 4294967295",
    }.items():
        put(f"session/{name}.toml", SESSION + line + "\n")
    for name, line in {
        "duration-nan": "version = 1\nduration = nan\n",
        "duration-endless": "version = 1\nduration = inf\n",
        "duration-negative": "version = 1\nduration = -4.0\n",
        "duration-huge": "version = 1\nduration = 1e18\n",
        "key-nan": "version = 1\nduration = 4.0\n[[key]]\nat = nan\n",
        "key-before": "version = 1\nduration = 4.0\n[[key]]\nat = -1.0\n",
        "key-beyond": "version = 1\nduration = 4.0\n[[key]]\nat = 9.0\n",
        "title-endless": 'version = 1\nduration = 4.0\n[title]\ntext = "a"\nseconds = inf\n',
        "camera-nan": FILM + "camera = { focus = [nan, 0.0, 0.0], yaw = 0.0, pitch = 0.0, radius = 1.0 }\n",
        "camera-infinite": FILM + "camera = { focus = [0.0, 0.0, 0.0], yaw = inf, pitch = 0.0, radius = 1.0 }\n",
        "camera-radius-zero": FILM + "camera = { focus = [0.0, 0.0, 0.0], yaw = 0.0, pitch = 0.0, radius = 0.0 }\n",
        "camera-radius-negative": FILM + "camera = { focus = [0.0, 0.0, 0.0], yaw = 0.0, pitch = 0.0, radius = -1.0 }\n",
        "ease-unknown": FILM + 'ease = "bouncy"\n',
        "token-negative": FILM + "token = -1\n",
        "filter-nan": FILM + "filter = { mass = nan }\n",
        "caption-long": FILM + 'caption = "' + "ab\u0301\u202e" * 5000 + '"\n',
        "many-keys": "version = 1\nduration = 4.0\n" + "[[key]]\nat = 1.0\n" * 2000,
    }.items():
        put(f"film/{name}.toml", line)


def configurations():
    for name, text in {
        "empty": "",
        "list": "[]",
        "deep": '{"a":' * 10_000,
        "head-zero": '{"model_type": "rwkv7", "head_dim": 0, "hidden_size": 64}',
        "head-negative": '{"model_type": "rwkv7", "head_dim": -32}',
        "head-largest": '{"model_type": "rwkv7", "head_dim": 18446744073709551615}',
        "head-text": '{"model_type": "rwkv7", "head_dim": "32"}',
        "epsilon-nan": '{"model_type": "rwkv7", "head_dim": 32, "norm_eps": NaN}',
        "another-model": '{"model_type": "llama", "head_dim": 32}',
        "code-to-run": '{"model_type": "rwkv7", "head_dim": 32, "auto_map": {"AutoModel": "evil.Model"}}',
    }.items():
        put(f"config/{name}.json", text)
    for name, text in {
        "empty": "",
        "no-map": "{}",
        "map-is-a-list": '{"weight_map": ["a"]}',
        "file-outside": '{"weight_map": {"emb.weight": "../../../../etc/passwd"}}',
        "file-absolute": '{"weight_map": {"emb.weight": "/etc/passwd"}}',
        "file-is-a-device": '{"weight_map": {"emb.weight": "/dev/zero"}}',
        "file-is-itself": '{"weight_map": {"emb.weight": "file-is-itself.index.json"}}',
        "file-is-the-folder": '{"weight_map": {"emb.weight": "."}}',
        "file-with-null": '{"weight_map": {"emb.weight": "a\\u0000b"}}',
        "many-files": json.dumps({"weight_map": {f"a{i}": f"part-{i}.safetensors" for i in range(2000)}}),
        "deep": '{"weight_map":' * 10_000,
    }.items():
        put(f"index/{name}.index.json", text)


def prompts():
    for name, text in {
        "empty": "",
        "null-bytes": b"a\0b\0" * 50,
        "controls": bytes(range(32)) * 20 + b"\x7f" + "\x80\x9b[31m".encode(),
        "escapes": "\x1b[2J\x1b]0;title\x07 and on",
        "right-to-left": "שלום עולם مرحبا بالعالم \u202eevil\u202c \u2066in\u2069 ok",
        "joined": "👨‍👩‍👧‍👦" * 50 + "e" + "\u0301" * 500,
        "not-utf8": b"\xe9t\xe9 \xff\xfe \xc0\x80 \xed\xa0\x80 \xf8\x88\x80\x80\x80 end",
        "cut-in-a-character": "猫".encode()[:2],
        "planes": "".join(chr(plane << 16 | at) for plane in range(17) for at in (0x41, 0x100, 0x2603, 0xFFFD) if not 0xD800 <= (plane << 16 | at) < 0xE000),
        "byte-order-mark": "\ufeffThe cat",
        "line-ends": "a\r\nb\rc\nd\u2028e\u2029f\x0bg\x0ch\x85i",
        "spaces": " " * 3000 + "\t" * 300 + "\u00a0" * 300 + "\u200b" * 300,
        "one-long-word": "antidisestablishmentarianism" * 300,
    }.items():
        put(f"prompt/{name}.txt", text)


if __name__ == "__main__":
    for make in (safetensors, pth, vocabulary, trace, texts, configurations, prompts):
        make()
    print(sum(path.stat().st_size for path in HERE.rglob("*") if path.is_file()) >> 10, "KiB", file=sys.stderr)
