#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# deps.sh GROUP... - installs the system packages of the named groups that are missing, and says which.
# deps.sh --flags  - prints what the Makefile wants to know about the libraries.
# deps.sh onnx     - puts a library of ONNX Runtime (11 MB, from npm) into build/onnx, unless the system has one or it is there.
# Groups: build (compile and run), plot (figures), test (make check), interop (readers of result files), lint, cov,
# llm (make check-llm).
set -u
libraries() { if pkg-config --exists hdf5-serial; then echo gsl hdf5-serial libfyaml jansson libcurl libprotobuf-c expat; else echo gsl hdf5 libfyaml jansson libcurl libprotobuf-c expat; fi; }

if [ "${1-}" = --flags ]; then
    # As system headers: what they warn of is not ours.
    echo "LIB_CPPFLAGS := $(pkg-config --cflags-only-I $(libraries) | sed 's/-I/-isystem /g')"
    echo "LIB_LDLIBS := $(pkg-config --libs $(libraries)) -lhdf5_hl -lcsv -lglpk -ldl -lm"
    echo "LIB_MODULES := $(libraries)"
    exit 0
fi

# The runtime as Sherpa-ONNX ships it (Apache-2.0; the library is Microsoft's, MIT): the smallest package that holds one.
onnx() {
    [ -e build/onnx/libonnxruntime.so ] && return 0
    ldconfig -p 2>/dev/null | grep -q 'libonnxruntime\.so' && return 0
    case $(uname -m) in
    x86_64) package=sherpa-onnx-linux-x64 ;;
    aarch64) package=sherpa-onnx-linux-arm64 ;;
    *) echo "deps.sh: found a machine $(uname -m), for which npm has no such package; build ONNX Runtime and set TIERSIM_ORT_LIB" >&2
       return 1 ;;
    esac
    if ! command -v npm >/dev/null 2>&1; then
        echo "deps.sh: ONNX Runtime is taken from npm, which is not here. Please install npm, or libonnxruntime-dev (Debian 13)," >&2
        echo "         or set TIERSIM_ORT_LIB to a libonnxruntime.so" >&2
        return 1
    fi
    mkdir -p build/onnx
    if ! (cd build/onnx && npm pack --silent "$package@1.13.8" >npm.log 2>&1 && tar xzf "$package"-*.tgz &&
          mv package/libonnxruntime.so . && rm -rf package "$package"-*.tgz); then
        tail -n 5 build/onnx/npm.log >&2
        echo "deps.sh: $package could not be had from npm" >&2
        return 1
    fi
    echo "ONNX Runtime is in build/onnx, from npm's $package"
}
if [ "${1-}" = onnx ]; then
    cd "$(dirname "$0")" && onnx
    exit
fi

# Where dpkg is not: is what the group is for there all the same?
have() {
    case $1 in
    build) pkg-config --exists "$(libraries)" && command -v gcc && command -v protoc-c && printf '#include <csv.h>\n#include <glpk.h>\n' | gcc -E - ;;
    plot) command -v gnuplot ;;
    test) pkg-config --exists cmocka && command -v h5diff && command -v nm ;;
    interop) command -v ncdump && command -v h5dump && python3 -c 'import h5py, pandas, xarray, netCDF4' ;;
    trace) command -v strace ;;
    lint) command -v clang && command -v cppcheck ;;
    cov) command -v gcovr ;;
    llm) command -v g++ && python3 -c 'import venv, ensurepip' ;;
    esac >/dev/null 2>&1
}

want=
for group; do
    case $group in
    build) packages="gcc make pkg-config libc6-dev libgsl-dev libhdf5-dev libcsv-dev libfyaml-dev libjansson-dev libcurl4-openssl-dev libglpk-dev libprotobuf-c-dev protobuf-c-compiler libexpat1-dev" ;;
    plot) packages="gnuplot-nox fonts-dejavu-core" ;;
    test) packages="libcmocka-dev hdf5-tools binutils" ;;
    interop) packages="netcdf-bin hdf5-tools python3-h5py python3-pandas python3-xarray python3-netcdf4" ;;
    trace) packages="strace" ;;
    lint) packages="clang cppcheck libomp-dev libclang-rt-dev" ;;
    cov) packages="gcovr" ;;
    llm) packages="g++ python3-venv" ;;
    *) echo "deps.sh: found group '$group', wanted build, plot, test, interop, trace, lint, cov, llm or onnx" >&2; exit 2 ;;
    esac
    if command -v dpkg-query >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1; then
        for p in $packages; do
            case $(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null) in
            installed) ;;
            *) want="$want $p" ;;
            esac
        done
    else
        have "$group" || want="$want $packages"
    fi
done
[ -z "$want" ] && exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "This is not a Debian system. Please install the counterparts of these Debian packages:" >&2
    echo " $want" >&2
    exit 1
fi
as_root= how=
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
        echo "Packages are missing, and there is no sudo to install them with. As root, please run:" >&2
        echo "  apt-get install --no-install-recommends$want" >&2
        exit 1
    fi
    as_root=sudo how=" (through sudo)"
fi
echo "Installing Debian packages$how:$want"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { $as_root apt-get update &&
       $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $want; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "deps.sh: the packages could not be installed:$want" >&2
    exit 1
fi
