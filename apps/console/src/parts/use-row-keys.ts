import { useEffect, useRef, type RefObject } from 'react';

/** What keys do in every list, for the help of keys. */
export const ROW_KEYS = [
  ['j k', 'move'],
  ['Enter', 'open'],
  ['x', 'select'],
] as const;

export interface RowKeys {
  /** What holds the rows; it has the attribute `data-row-keys`. */
  readonly box: RefObject<HTMLElement | null>;
  readonly count: number;
  /** The row that is marked; -1: none yet. */
  readonly current: number;
  readonly onMove: (index: number) => void;
  /** Another key on the marked row; whether it did something. */
  readonly onKey: (key: string, index: number) => boolean;
}

/**
 * `j` and `k` go through the rows from wherever one is in the page, arrows too once the list has the focus; other keys do something with the
 * marked row. Not while somebody writes, a dialog is open or a link has the focus. Of several lists it is that with the focus, or the first.
 */
export function useRowKeys(keys: RowKeys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const { box } = latest.current;
    const press = (event: KeyboardEvent) => {
      const { count, current, onMove, onKey } = latest.current;
      const { current: list } = box;
      if (list === null || count === 0 || !isMeant(event, list)) return;
      const by = stepOf(event, list);
      if (by !== undefined) {
        list.focus({ preventScroll: true });
        onMove(Math.min(count - 1, Math.max(0, current + by)));
      } else if (current < 0 || current >= count || isPressable(event.target) || !onKey(event.key, current)) return;
      event.preventDefault();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);
}

function stepOf({ key, target }: KeyboardEvent, list: HTMLElement): 1 | -1 | undefined {
  const arrows = target === list;
  if (key === 'j' || (arrows && key === 'ArrowDown')) return 1;
  return key === 'k' || (arrows && key === 'ArrowUp') ? -1 : undefined;
}

function isMeant(event: KeyboardEvent, list: HTMLElement): boolean {
  const { target, defaultPrevented, ctrlKey, metaKey, altKey } = event;
  if (defaultPrevented || ctrlKey || metaKey || altKey || isWriting(target)) return false;
  if (document.querySelector('[role="dialog"]') !== null) return false;
  const focused = target instanceof Element ? target.closest('[data-row-keys]') : null;
  return list === (focused ?? document.querySelector('[data-row-keys]'));
}

const isWriting = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.matches('input:not([type="checkbox"]), textarea, select'));

const isPressable = (target: EventTarget | null) => target instanceof HTMLElement && target.matches('a, button');
