#!/bin/sh
# deps.sh GROUP... - installs the system packages of the named groups that are missing, and says which.
# Groups: build (compile and run), plot (figures), test (make check), interop (readers of result files), lint.
set -u
want=
for group; do
    case $group in
    build) want="$want gcc make pkg-config libc6-dev libgsl-dev libhdf5-dev libcsv-dev libfyaml-dev libjansson-dev" ;;
    plot) want="$want gnuplot-nox fonts-dejavu-core" ;;
    test) want="$want libcmocka-dev hdf5-tools binutils" ;;
    interop) want="$want netcdf-bin hdf5-tools python3-h5py python3-pandas python3-xarray python3-netcdf4" ;;
    lint) want="$want clang clang-format clang-tidy cppcheck libomp-dev" ;;
    *) echo "deps.sh: unknown group '$group', wanted build, plot, test, interop or lint" >&2; exit 2 ;;
    esac
done

if ! command -v dpkg-query >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
    # Another distribution: it is enough that the compiler finds things; else name what Debian calls them.
    case " $* " in *" build "*)
        if command -v pkg-config >/dev/null 2>&1 && pkg-config --exists gsl hdf5-serial libfyaml jansson; then exit 0; fi ;;
    esac
    echo "This is not a Debian system. Please install the counterparts of these Debian packages:" >&2
    echo " $want" >&2
    exit 1
fi

missing=
for p in $want; do
    case "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" in installed) ;; *) missing="$missing $p" ;; esac
done
[ -z "$missing" ] && exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
    as_root=sudo
    command -v sudo >/dev/null 2>&1 || { echo "Missing packages, and no sudo to install them:$missing" >&2; exit 1; }
fi
echo "Installing Debian packages:$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { $as_root apt-get update && $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "deps.sh: the packages could not be installed:$missing" >&2
    exit 1
fi
