# How slow jobs are: the share of them that takes longer than x, a panel per workload, a line per policy.  Where a line
# crosses the deadline it shows the share that misses it; where it stays level at the right, jobs that never finish.
# The program puts the names and numbers in front (policy, workload, jobs, deadline, low, high, least,
# heading, subheading, stem, data).
# Colours: Okabe and Ito, then Tol, told apart by the colour-blind, and neighbours have other dashes.
array colour[10] = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", \
                    "#882255", "#999933", "#332288"]
array dashes[5] = ["solid", "(14,5)", "(4,4)", "(14,4,3,4)", "(24,6)"]
do for [p=1:|policy|] {
    c = colour[(p - 1) % 10 + 1]
    width = |policy| > 1 ? 2.5 - 0.8 * (p - 1) / (|policy| - 1.0) : 2 # equal lines show through each other
    eval sprintf("set linetype %d lc rgb '%s' lw %.2f dt %s", p, c, width, dashes[(p - 1) % 5 + 1])
}
columns = |workload| < 3 ? |workload| : 3
rows = int(ceil(|workload| / 3.0))
left = 94; gap = 26; right = 24; top = 96; tall = 250; between = 92; foot = 66
panel = wider(columns == 1 ? 520 : 300, (titled(heading, subheading) - (columns - 1) * gap) / columns)
width = left + columns * panel + (columns - 1) * gap + right
# As many keys in a row as the longest name leaves room for, at most 5.
longest = 0
do for [p=1:|policy|] { longest = strlen(policy[p]) > longest ? strlen(policy[p]) : longest }
keys = int((width - left - right) / (56 + 7.4 * longest))
keys = keys < 1 ? 1 : keys > 5 ? 5 : keys
keys = |policy| < keys ? |policy| : keys
keyrows = int(ceil(|policy| / real(keys)))
legend = top + rows * tall + (rows - 1) * between + foot
height = legend + 20 * keyrows + 8
across(px) = px / real(width)
up(px) = 1 - px / real(height)
as_time(s) = s < 0.9e-3 ? sprintf("%g µs", s * 1e6) : s < 0.9 ? sprintf("%g ms", s * 1e3) : sprintf("%g s", s)

do for [format in "svg png"] {
    if (format eq "svg") {
        set terminal svg size width,height dynamic noenhanced font "DejaVu Sans,11" background "white"
    } else {
        set terminal pngcairo size 2*width,2*height noenhanced font "DejaVu Sans,11" fontscale 2 linewidth 2 dashlength 1
    }
    set output stem . "." . format
    set multiplot
    set label 1 heading at screen across(left), up(24) left font "DejaVu Sans,14"
    set label 2 subheading at screen across(left), up(46) left textcolor rgb "#555555"
    do for [p=1:|policy|] {
        x = left + ((p - 1) % keys) * (width - left - right) / real(keys)
        y = legend + 20 * ((p - 1) / keys) + 8
        set arrow 100+p from screen across(x), screen up(y) to screen across(x + 34), screen up(y) nohead linetype p
        set label 100+p policy[p] at screen across(x + 42), up(y) left textcolor rgb "#222222"
    }
    set border 3 lc rgb "#444444"
    set tics nomirror scale 0.6 textcolor rgb "#222222"
    set logscale xy
    set mxtics 10
    set grid xtics ytics lt -1 lw 0.6 lc rgb "#dddddd" dt solid
    do for [w=1:|workload|] {
        column = (w - 1) % columns
        row = (w - 1) / columns
        x = left + column * (panel + gap)
        y = top + row * (tall + between)
        set lmargin at screen across(x)
        set rmargin at screen across(x + panel)
        set tmargin at screen up(y)
        set bmargin at screen up(y + tall)
        set xrange [low[w]:high[w]]
        wide = high[w] / low[w]
        set xtics nomirror scale 0.6 ("" 1e-9)
        do for [k=-7:5] {
            do for [m in wide < 30 ? "1 2 5" : wide < 150 ? "1 3" : "1"] { set xtics add (as_time(m * 10.0**k) m * 10.0**k) }
        }
        set yrange [least:1]
        if (column == 0) {
            set ytics nomirror scale 0.6 ("100 %%" 1, "10 %%" 0.1, "1 %%" 0.01, "0.1 %%" 1e-3, "0.01 %%" 1e-4)
            set ylabel "jobs that take longer" offset 0.5,0
        } else {
            set ytics nomirror scale 0.6 ("" 1, "" 0.1, "" 0.01, "" 1e-3, "" 1e-4)
            unset ylabel
        }
        set xlabel "latency" offset 0,0.4
        set label 3 workload[w] at graph 0, graph 1 offset 0.2,0.7 left font "DejaVu Sans,12"
        if (deadline[w] > 0) {
            set arrow 1 from deadline[w], graph 0 to deadline[w], graph 1 nohead lw 1.4 lc rgb "#888888" dt (2,3) back
            set label 4 "deadline " . as_time(deadline[w]) at graph 1, graph 1 offset -0.2,0.7 right textcolor rgb "#666666"
        }
        if (jobs[w] == 0) {
            set label 5 "no job was measured" at graph 0.5, graph 0.5 center textcolor rgb "#666666"
        }
        plot for [p=1:|policy|] data index (w - 1) * |policy| + p - 1 using 1:2 with lines linetype p notitle
        unset label
        unset arrow
    }
    unset multiplot
    set output
}
