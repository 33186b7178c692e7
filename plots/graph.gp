# Graphs of tasks: a panel for each workload that has one, its levels from left to right, a circle for each task whose area
# goes with its work, and lines for what they hand on; tasks that only some jobs have are light.  The program puts the names and
# numbers in front (heading, panel, levels, widest, longest, panels, stem, data); of each panel one block of tasks, one of edges.
columns = panels < 2 ? 1 : 2
rows = (panels + columns - 1) / columns
left = 30; wide = columns == 1 ? 900 : 560; gap = 40; right = 30; top = 56; head = 34; tall = 250; foot = 16
width = left + columns * wide + (columns - 1) * gap + right
height = top + rows * (head + tall) + foot
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
    unset key
    unset border
    unset tics
    set style fill solid 1 noborder
    set style textbox opaque noborder margins 0.3,0.1
    do for [p=1:panels] {
        x = left + ((p - 1) % columns) * (wide + gap)
        y = top + ((p - 1) / columns) * (head + tall) + head
        set lmargin at screen across(x)
        set rmargin at screen across(x + wide)
        set tmargin at screen up(y)
        set bmargin at screen up(y + tall)
        set xrange [-0.5:levels[p] - 0.5]
        set yrange [-0.5 * widest[p] - 0.2:0.5 * widest[p] + 0.2]
        if (p == 1) { set label 1 heading at screen across(left), up(26) left font "DejaVu Sans,14" }
        set label 2 panel[p] at screen across(x), up(y - 12) left textcolor rgb "#555555"
        # room for one task, in points of the screen; a name where it fits
        room = 0.8 * tall / (widest[p] + 0.4)
        room = room > 0.7 * wide / levels[p] ? 0.7 * wide / levels[p] : room
        size = (room < 34 ? room : 34) / 7.0
        named = wide / levels[p] > 7 * longest[p] && tall / (widest[p] + 0.4) > 34
        plot data index 2 * p - 1 using 1:2 with lines lc rgb "#bbbbbb" lw 0.8, \
             data index 2 * p - 2 using 1:2:(size * (0.35 + 0.65 * $3)):($4 < 1 ? 0x9ecae1 : 0x0072b2) with points \
                 pointtype 7 pointsize variable lc rgb variable, \
             data index 2 * p - 2 using 1:2:(named ? strcol(5) : "") with labels boxed offset 0,-1.2 font "DejaVu Sans,8" \
                 textcolor rgb "#444444"
        unset label
    }
    unset multiplot
    set output
}
