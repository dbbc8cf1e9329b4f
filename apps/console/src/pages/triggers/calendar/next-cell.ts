export interface CellPlace {
  readonly column: number;
  readonly hour: number;
}

/** Where an arrow key leads from a cell: to the nearest one with something in it, that way; undefined when there is none. */
export function nextCell(filled: readonly CellPlace[], from: CellPlace, key: string): CellPlace | undefined {
  const sideways = { ArrowLeft: -1, ArrowRight: 1 }[key];
  const along = { ArrowUp: -1, ArrowDown: 1 }[key];
  const far = ({ column, hour }: CellPlace): number => {
    const [columns, hours] = [column - from.column, hour - from.hour];
    if (along !== undefined) return columns === 0 && hours * along > 0 ? hours * along : Infinity;
    return sideways !== undefined && columns * sideways > 0 ? columns * sideways * 24 + Math.abs(hours) : Infinity;
  };
  const nearest = filled.toSorted((a, b) => far(a) - far(b))[0];
  return nearest && far(nearest) < Infinity ? nearest : undefined;
}
