#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# interop.sh BUILD - the programs that readers use open a result file and find the same number: ncdump, h5dump, h5py,
# pandas, xarray, and our own export.
set -u
t=$PWD/$1/tiersim sample=$PWD/$1/tests/unit/test_results
[ -x "$sample" ] || { echo "the sample's writer is not built"; exit 77; }
./deps.sh interop || { echo "the readers cannot be installed here"; exit 77; }
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
fail() { echo "$*"; exit 1; }
"$sample" write factory.h5 || fail "no sample"
"$sample" write rows.h5 rows || fail "no sample with rows"
ncdump -h rows.h5 | grep -q 'row = 65636 ;' || fail "ncdump does not show the rows"
"$t" export factory.h5 >/dev/null || fail "export"
# The number that all must find: mean latency of policy mct (row 8), replication 2.
want=$(awk -F, '$1 == "policy" { for (i = 1; i <= NF; i++) if ($i ~ /^latency_mean /) c = i } $1 == "mct" && $2 == 2 { print $c }' factory_summary.csv)
[ -n "$want" ] || fail "export has no such number"

ncdump -h factory.h5 >out 2>&1 || { cat out; fail "ncdump cannot read it"; }
for line in 'policy = 10 ;' 'double latency_mean(policy, replication) ;' 'latency_mean:units = "s" ;' \
    'double miss_ratio(policy, replication, class) ;' ':Conventions = "CF-1.10" ;' 'string policy(policy) ;'; do
    grep -qF "$line" out || { cat out; fail "ncdump does not show: $line"; }
done
ncdump -p 17,17 -v /summary/latency_mean factory.h5 | grep -qF "$want" || fail "ncdump does not show $want"
h5dump -d /summary/latency_mean -s 8,2 -c 1,1 -m %.17g factory.h5 | grep -qF "$want" || fail "h5dump does not show $want"
h5diff --exclude-path /provenance factory.h5 factory.h5 || fail "h5diff finds it different from itself"

/usr/bin/python3 - "$want" <<'END' || fail "a Python reader failed"
import sys
import h5py, pandas, xarray
want = float(sys.argv[1])
def same(x): assert float(x) == want, (x, want)
with h5py.File("factory.h5") as f:
    names = [n.decode() for n in f["policy"][:]]
    same(f["summary/latency_mean"][names.index("mct"), 2])
    assert f["summary/latency_mean"].dims[0][0][:].tolist()[8] == b"mct"
    assert f["digest"].dtype == "uint64"
    assert b"tiersim: 1" in f["scenario"][()]
    frame = pandas.DataFrame(f["summary/latency_mean"][:], index=names)
    same(frame.loc["mct", 2])
import importlib.util
engines = [e for e, m in (("netcdf4", "netCDF4"), ("h5netcdf", "h5netcdf")) if importlib.util.find_spec(m)]
assert engines
for engine in engines:
    with xarray.open_dataset("factory.h5", group="summary", engine=engine) as d:
        same(d.latency_mean.sel(policy="mct", replication=2))
        assert d.latency_mean.units == "s" and "mean latency" in d.latency_mean.long_name
    with xarray.open_dataset("factory.h5", group="class", engine=engine) as d:
        assert d.miss_ratio.sel(policy="cloud", **{"class": "alarm"}).mean() > 0.8
    with xarray.open_dataset("factory.h5", group="quantiles", engine=engine) as d:
        assert float(d.pooled.sel(policy="mct", q=0.5, **{"class": "frame"})) > 0
    with xarray.open_dataset("factory.h5", group="summary", engine=engine) as d:
        same(d.to_dataframe().loc[("mct", 2), "latency_mean"])
with h5py.File("rows.h5") as f:
    n = f["tasks/local/0/latency"].shape[0]
    last = f["tasks/local/0/number"][-1]
    assert n == 65636 and last == 65635, (n, last)
for engine in engines:
    with xarray.open_dataset("rows.h5", group="tasks/local/0", engine=engine) as d:
        assert d.latency.dims == ("row",) and d.latency.units == "s" and int(d.number[-1]) == last
table = pandas.read_csv("factory_summary.csv", float_precision="round_trip")
same(table[(table.policy == "mct") & (table.replication == 2)]["latency_mean [s]"].iloc[0])
END
exit 0
