/// A published model by a short name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    /// What `arclight download` calls it.
    pub name: &'static str,
    /// Where it is: owner, repository, file.
    pub place: &'static str,
    /// Its size, roughly.
    pub size: &'static str,
}

const fn published(name: &'static str, size: &'static str, place: &'static str) -> Published {
    Published { name, place, size }
}

/// Models whose names their publishers give out. Newer ones come up all the time: any file can be named by its place.
pub const CATALOGUE: [Published; 13] = [
    published(
        "rwkv7-g1d-0.1b",
        "0.4 GB",
        "BlinkDL/rwkv7-g1/rwkv7-g1d-0.1b-20260129-ctx8192.pth",
    ),
    published(
        "rwkv7-g1d-0.4b",
        "0.9 GB",
        "BlinkDL/rwkv7-g1/rwkv7-g1d-0.4b-20260210-ctx8192.pth",
    ),
    published(
        "rwkv7-g1d-1.5b",
        "3.1 GB",
        "BlinkDL/rwkv7-g1/rwkv7-g1d-1.5b-20260212-ctx8192.pth",
    ),
    published(
        "rwkv7-g1d-2.9b",
        "5.9 GB",
        "BlinkDL/rwkv7-g1/rwkv7-g1d-2.9b-20260131-ctx8192.pth",
    ),
    published(
        "rwkv7-g1-2.9b-st",
        "5.9 GB",
        "shoumenchougou/RWKV-ST-model/rwkv7-g1-2.9b-20250519-ctx4096.st",
    ),
    published(
        "rwkv7-world-0.1b",
        "0.4 GB",
        "BlinkDL/rwkv-7-world/RWKV-x070-World-0.1B-v2.8-20241210-ctx4096.pth",
    ),
    published(
        "rwkv7-world-0.4b",
        "0.9 GB",
        "BlinkDL/rwkv-7-world/RWKV-x070-World-0.4B-v2.9-20250107-ctx4096.pth",
    ),
    published(
        "rwkv7-world-1.5b",
        "3.1 GB",
        "BlinkDL/rwkv-7-world/RWKV-x070-World-1.5B-v3-20250127-ctx4096.pth",
    ),
    published(
        "rwkv7-world-2.9b",
        "5.9 GB",
        "BlinkDL/rwkv-7-world/RWKV-x070-World-2.9B-v3-20250211-ctx4096.pth",
    ),
    published(
        "rwkv6-world-1.6b",
        "3.2 GB",
        "BlinkDL/rwkv-6-world/RWKV-x060-World-1B6-v2.1-20240328-ctx4096.pth",
    ),
    published(
        "rwkv6-world-3b",
        "6.2 GB",
        "BlinkDL/rwkv-6-world/RWKV-x060-World-3B-v2.1-20240417-ctx4096.pth",
    ),
    published(
        "rwkv6-world-7b",
        "15 GB",
        "BlinkDL/rwkv-6-world/RWKV-x060-World-7B-v2.1-20240507-ctx4096.pth",
    ),
    published(
        "rwkv6-world-14b",
        "28 GB",
        "BlinkDL/rwkv-6-world/RWKV-x060-World-14B-v2.1-20240719-ctx4096.pth",
    ),
];
