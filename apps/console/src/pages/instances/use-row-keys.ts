import { useEffect, useRef } from 'react';

/** `j` and `k` go through rows, Enter opens the one where one is; not while somebody writes or a dialog is open. */
export function useRowKeys(
  count: number,
  current: number,
  onMove: (index: number) => void,
  onOpen: (index: number) => void,
): void {
  const latest = useRef({ count, current, onMove, onOpen });
  latest.current = { count, current, onMove, onOpen };
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const { target, key, ctrlKey, metaKey, altKey } = event;
      if (ctrlKey || metaKey || altKey || isTaken(target)) return;
      const { count: of, current: at, onMove: move, onOpen: open } = latest.current;
      if (of === 0) return;
      if (key === 'j') move(Math.min(of - 1, at + 1));
      else if (key === 'k') move(Math.max(0, at - 1));
      else if (key === 'Enter' && at >= 0 && (target === document.body || !isPressable(target))) open(at);
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}

function isTaken(target: EventTarget | null): boolean {
  if (document.querySelector('[role="dialog"]') !== null) return true;
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

function isPressable(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && /^(A|BUTTON)$/.test(target.tagName);
}
