import './data-table.css';
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useCallback, useEffect, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useRowKeys } from './use-row-keys';

export interface Column<Row> {
  readonly id: string;
  readonly header: ReactNode;
  /** A track of a CSS grid: `1fr`, `120px`, `minmax(160px, 2fr)`. */
  readonly width: string;
  readonly cell: (row: Row) => ReactNode;
  /** Stands at the right, under its header. */
  readonly isNumber?: boolean;
}

export interface Selection {
  readonly selected: ReadonlySet<string>;
  readonly onChange: (selected: ReadonlySet<string>) => void;
}

interface Props<Row> {
  /** What the table is called for those who do not see it. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  /** Called when the last rows come into view; nothing more comes where it is left out. */
  readonly onEnd?: () => void;
  /** Enter on the row that `j` and `k` lead to. */
  readonly onOpen?: (row: Row) => void;
  /** Other keys on that row. */
  readonly keys?: Readonly<Record<string, (row: Row) => void>>;
  /** What a row is called for those who do not see it; its key when left out. */
  readonly nameOf?: (row: Row) => string;
  readonly selection?: Selection;
  /** It is as high as its rows, and no higher than this. */
  readonly height?: string;
}

const ROW = 32;

/** Rows of one height, of which only those in view are in the page: a hundred thousand scroll as a hundred do. */
export function DataTable<Row>(props: Props<Row>) {
  const { label, columns, rows, keyOf, nameOf = keyOf, onEnd, onOpen, keys, selection } = props;
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  // By its key: a list that is read anew has other rows at its places.
  const [marked, setMarked] = useState<string>();
  const current = marked === undefined ? -1 : rows.findIndex((row) => keyOf(row) === marked);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 12,
  });
  const shown = virtual.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - 30) onEnd?.();
  }, [last, rows.length, onEnd]);

  const chosen = useRef(selection);
  chosen.current = selection;
  const toggle = useCallback((key: string) => {
    const selected = new Set(chosen.current?.selected);
    if (!selected.delete(key)) selected.add(key);
    chosen.current?.onChange(selected);
  }, []);
  const acts: Readonly<Partial<Record<string, (row: Row) => void>>> = {
    Enter: onOpen,
    x: selection && ((row) => toggle(keyOf(row))),
    ...keys,
  };
  useRowKeys({
    box,
    count: rows.length,
    current,
    onMove(index) {
      setMarked(rows[index] && keyOf(rows[index]));
      virtual.scrollToIndex(index);
    },
    onKey(key, index) {
      const [act, row] = [acts[key], rows[index]];
      if (act === undefined || row === undefined) return false;
      act(row);
      return true;
    },
  });
  const tracks = [...(selection ? ['20px'] : []), ...columns.map(({ width }) => width)].join(' ');
  const allSelected = selection !== undefined && rows.length > 0 && selection.selected.size >= rows.length;
  return (
    <div
      className="data-table"
      style={{ maxHeight: props.height ?? 'calc(100vh - 190px)' }}
      ref={box}
      tabIndex={0}
      data-row-keys
      role="table"
      aria-label={label}
      aria-rowcount={rows.length + 1}
      data-rows={rows.length} /* prettier-ignore */
    >
      <div role="rowgroup">
        <div className="data-head" role="row" aria-rowindex={1} style={{ gridTemplateColumns: tracks }}>
          {selection && (
            <span role="columnheader">
              <input
                type="checkbox"
                aria-label={t('parts.table.selectAll')}
                checked={allSelected}
                ref={(box) => {
                  if (box) box.indeterminate = selection.selected.size > 0 && !allSelected;
                }}
                onChange={() => selection.onChange(allSelected ? new Set() : new Set(rows.map(keyOf)))}
              />
            </span>
          )}
          {columns.map(({ id, header, isNumber }) => (
            <span key={id} className={isNumber ? 'data-cell number' : 'data-cell'} role="columnheader">
              {header}
            </span>
          ))}
        </div>
      </div>
      <div className="data-rows" role="rowgroup" style={{ height: virtual.getTotalSize() }}>
        {shown.map(({ index, start }) => {
          const row = rows[index];
          if (row === undefined) return null;
          const key = keyOf(row);
          return (
            <LineOf
              key={key}
              id={key}
              row={row}
              columns={columns}
              index={index}
              start={start}
              tracks={tracks}
              isCurrent={index === current}
              isSelected={selection?.selected.has(key)}
              selectText={t('parts.table.select', { name: nameOf(row) })}
              onToggle={toggle}
            />
          );
        })}
      </div>
    </div>
  );
}

interface LineProps<Row> {
  readonly id: string;
  readonly row: Row;
  readonly columns: readonly Column<Row>[];
  readonly index: number;
  readonly start: number;
  readonly tracks: string;
  readonly isCurrent: boolean;
  /** Left out where nothing can be selected. */
  readonly isSelected: boolean | undefined;
  readonly selectText: string;
  readonly onToggle: (id: string) => void;
}

function Line<Row>(props: LineProps<Row>) {
  const { id, row, columns, index, start, tracks, isCurrent, isSelected, selectText, onToggle } = props;
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-current={isCurrent || undefined}
      className={isCurrent ? 'data-row current' : 'data-row'}
      style={{ gridTemplateColumns: tracks, transform: `translateY(${start}px)` }}
    >
      {isSelected !== undefined && (
        <span role="cell">
          <input type="checkbox" aria-label={selectText} checked={isSelected} onChange={() => onToggle(id)} />
        </span>
      )}
      {columns.map((column) => (
        <span key={column.id} className={column.isNumber ? 'data-cell number' : 'data-cell'} role="cell">
          {column.cell(row)}
        </span>
      ))}
    </div>
  );
}

/** Scrolling draws the rows that come into view; those that were there stay as they are. */
const LineOf = memo(Line) as typeof Line;
