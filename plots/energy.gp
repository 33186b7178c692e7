# Energy of the window by tier, stacked, a bar per policy: left what the work took above idle, right all of it with idle
# power (paler).  The program puts the names and numbers in front (policy, tier, unit, heading, subheading, stem, data).
array colour[6] = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00"]
array pale[6] = ["#9cc4de", "#f6d592", "#9bd5c4", "#ecccde", "#c2e2f6", "#f0b998"]
left = 130; gap = 40; right = 28; top = 92; bar = 24; foot = 92
panel = wider(360, (24 + titled(heading, subheading) - left - gap) / 2)
tall = bar * |policy|
width = left + 2 * panel + gap + right
height = top + tall + foot
across(px) = px / real(width)
up(px) = 1 - px / real(height)
tint(t) = colour[(t - 1) % 6 + 1]
wash(t) = pale[(t - 1) % 6 + 1]

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
    set style fill solid 1 noborder
    set format x "%g"
    set xlabel unit offset 0,0.4
    set yrange [|policy| + 0.5:0.5]
    unset key
    do for [side=0:1] {
        x = left + side * (panel + gap)
        set lmargin at screen across(x)
        set rmargin at screen across(x + panel)
        set tmargin at screen up(top)
        set bmargin at screen up(top + tall)
        set xrange [0:most[side + 1]]
        set ytics scale 0 textcolor rgb "#222222" ("" 0)
        if (side == 0) { do for [p=1:|policy|] { set ytics add (policy[p] p) } }
        set label 3 (side == 0 ? "above idle" : "with idle power (paler)") at graph 0, graph 1 offset 0.2,0.7 left \
            font "DejaVu Sans,12"
        # columns of the data: row, then for each tier busy from, to; then for each tier idle from, to (after all busy)
        if (side == 0) {
            plot for [t=1:|tier|] data using ((column(2*t) + column(2*t+1)) / 2):1:((column(2*t+1) - column(2*t)) / 2):(0.34) \
                 with boxxyerror lc rgb tint(t) notitle
        } else {
            plot for [t=1:|tier|] data using ((column(2*t) + column(2*t+1)) / 2):1:((column(2*t+1) - column(2*t)) / 2):(0.34) \
                 with boxxyerror lc rgb tint(t) notitle, \
                 for [t=1:|tier|] k=2*|tier| data using ((column(k+2*t) + column(k+2*t+1)) / 2):1: \
                 ((column(k+2*t+1) - column(k+2*t)) / 2):(0.34) with boxxyerror lc rgb wash(t) notitle
        }
        unset label 1
        unset label 2
    }
    unset label
    unset grid
    unset border
    unset tics
    unset xlabel
    set lmargin at screen across(left)
    set rmargin at screen across(width - right)
    set tmargin at screen up(top + tall + 52)
    set bmargin at screen up(height - 6)
    set xrange [0:1]
    set yrange [0:1]
    set key at graph 0.5, graph 0.5 center center horizontal Left reverse samplen 1.4 spacing 1.15 width 2 textcolor rgb "#222222"
    plot for [t=1:|tier|] NaN with boxes lc rgb tint(t) title tier[t]
    unset key
    unset multiplot
    set output
}
