import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, type ReactNode } from 'react';
import classes from './virtual-lines.module.css';

interface Props<Line> {
  readonly lines: readonly Line[];
  readonly keyOf: (line: Line) => string | number;
  /** What a line is at least; those that wrap are measured. */
  readonly linePx: number;
  readonly maxHeight: number | string;
  /** Whether the last line stays in sight while more come. */
  readonly follows?: boolean;
  readonly role: 'log' | 'group' | 'region';
  readonly label: string;
  readonly children: (line: Line) => ReactNode;
}

/** Lines of any height in a box of their own, of which only those in sight stand in the page. */
export function VirtualLines<Line>(props: Props<Line>) {
  const { lines, keyOf, linePx, maxHeight, follows = false, role, label, children } = props;
  const box = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => linePx,
    getItemKey: (i) => (i < lines.length ? keyOf(lines[i] as Line) : i),
    overscan: 16,
  });
  useEffect(() => {
    if (follows && lines.length > 0) virtual.scrollToIndex(lines.length - 1);
  }, [follows, lines, virtual]);
  return (
    <div
      ref={box}
      className={classes.box}
      style={{ maxHeight }}
      tabIndex={0}
      role={role}
      // A log would be read aloud line by line.
      aria-live={role === 'log' ? 'off' : undefined}
      aria-label={label}
    >
      <div className={classes.lines} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ key, index, start }) => (
          <div
            key={key}
            ref={virtual.measureElement}
            data-index={index}
            className={classes.line}
            style={{ transform: `translateY(${start}px)`, minHeight: linePx, lineHeight: `${linePx}px` }}
          >
            {lines[index] !== undefined && children(lines[index])}
          </div>
        ))}
      </div>
    </div>
  );
}
