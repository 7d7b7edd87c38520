import { Bar, CartesianGrid, ComposedChart, Line, ReferenceLine, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import type { ChartRow, Series } from "./chart";

interface PlotProps {
  title: string;
  series: readonly Series[];
  rows: readonly ChartRow[];
  format: (value: number, short: boolean) => string;
}

const TICK = { fill: "var(--ink-faint)", fontSize: 12 };

/** The drawing of a chart. With the focus on it, the arrow keys walk through its labels. */
export function Plot({ title, series, rows, format }: PlotProps) {
  const data = rows.map((row) => ({ label: row.label, ...row.values }));
  return (
    <ResponsiveContainer width="100%" height="100%">
      <ComposedChart data={data} title={title} stackOffset="sign" margin={{ top: 8, right: 8, bottom: 0, left: 0 }} accessibilityLayer>
        <CartesianGrid vertical={false} stroke="var(--line)" />
        <XAxis dataKey="label" tick={TICK} tickLine={false} stroke="var(--line-strong)" minTickGap={12} />
        <YAxis tick={TICK} tickLine={false} axisLine={false} width="auto" tickFormatter={(value: number) => format(value, true)} />
        <ReferenceLine y={0} stroke="var(--line-strong)" />
        <Tooltip
          isAnimationActive={false}
          itemSorter={({ dataKey }) => series.findIndex(({ key }) => key === dataKey)}
          cursor={{ fill: "var(--sunken)", opacity: 0.6 }}
          formatter={(value) => format(Number(value), false)}
          contentStyle={{ background: "var(--raised)", border: "1px solid var(--line)", borderRadius: 8, fontSize: 13 }}
          labelStyle={{ color: "var(--ink)", fontWeight: 600 }}
          itemStyle={{ color: "var(--ink-soft)", padding: 0 }}
        />
        {series.map((one) =>
          one.kind === "bar" ? (
            <Bar key={one.key} dataKey={one.key} name={one.name} fill={one.color} stackId="all" maxBarSize={36} isAnimationActive={false} />
          ) : (
            <Line
              key={one.key}
              dataKey={one.key}
              name={one.name}
              stroke={one.color}
              strokeWidth={2}
              dot={{ r: 2.5, fill: one.color, strokeWidth: 0 }}
              connectNulls
              isAnimationActive={false}
            />
          ),
        )}
      </ComposedChart>
    </ResponsiveContainer>
  );
}
