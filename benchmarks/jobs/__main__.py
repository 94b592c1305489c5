"""One job in this process: `python -m benchmarks.jobs JOB EXPORTS PLACE`; prints its peak memory in MiB."""

import sys
from importlib import import_module
from pathlib import Path


def peak_mib() -> float:
    """Return the most memory this process has held: the kernel's own mark where it keeps one."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)


if __name__ == "__main__":
    job, exports, place = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    import_module(f"benchmarks.jobs.{job}").run(exports, place)
    (place / "peak_mib").write_text(str(peak_mib()), encoding="ascii")
