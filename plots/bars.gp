# A figure of each policy by workload, such as missed jobs: a panel per workload, a bar per policy with the 95 %
# interval over replications.
# The program puts the names and numbers in front (policy, workload, heading, subheading, axis, most, stem, data).
columns = |workload| < 3 ? |workload| : 3
rows = int(ceil(|workload| / 3.0))
left = 130; gap = 34; right = 24; top = 92; bar = 24; between = 74; foot = 50
panel = wider(250, (24 + titled(heading, subheading) - left - (columns - 1) * gap) / columns)
tall = bar * |policy|
width = left + columns * panel + (columns - 1) * gap + right
height = top + rows * tall + (rows - 1) * between + foot
across(px) = px / real(width)
up(px) = 1 - px / real(height)

do for [format in "svg png"] {
    if (format eq "svg") {
        set terminal svg size width,height dynamic noenhanced font "DejaVu Sans,11" background "white"
    } else {
        set terminal pngcairo size 2*width,2*height noenhanced font "DejaVu Sans,11" fontscale 2 linewidth 2
    }
    set output stem . "." . format
    set multiplot
    set label 1 heading at screen across(24), up(24) left font "DejaVu Sans,14"
    set label 2 subheading at screen across(24), up(46) left textcolor rgb "#555555"
    set border 1 lc rgb "#444444"
    set grid xtics lt -1 lw 0.6 lc rgb "#dddddd" dt solid
    set xtics nomirror scale 0.6 textcolor rgb "#222222"
    set ytics scale 0 textcolor rgb "#222222"
    set style fill solid 1 noborder
    set format x "%g"
    set xlabel axis offset 0,0.4
    do for [w=1:|workload|] {
        column = (w - 1) % columns
        row = (w - 1) / columns
        x = left + column * (panel + gap)
        y = top + row * (tall + between)
        set lmargin at screen across(x)
        set rmargin at screen across(x + panel)
        set tmargin at screen up(y)
        set bmargin at screen up(y + tall)
        set xrange [0:most[w]]
        set yrange [|policy| + 0.5:0.5]
        set ytics ("" 0)
        if (column == 0) { do for [p=1:|policy|] { set ytics add (policy[p] p) } }
        set label 3 workload[w] at graph 0, graph 1 offset 0.2,0.7 left font "DejaVu Sans,12"
        plot data index w - 1 using ($2 / 2):1:($2 / 2):(0.34) with boxxyerror lc rgb "#0072B2" notitle, \
             data index w - 1 using ($3 > 0 ? $2 : NaN):1:($3 > 0 ? ($2 - $3 < 0 ? 0 : $2 - $3) : NaN):($2 + $3) with xerrorbars lt -1 lc rgb "#333333" lw 1.1 \
                 pointtype 0 notitle
        unset label 1
        unset label 2
    }
    unset label
    unset multiplot
    set output
}
