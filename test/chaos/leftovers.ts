const left = new Set<() => void>();

/** What must not outlive this process, however it ends: undone at its end at the latest. Gives what takes it off the list. */
export function notOutlivingUs(undo: () => void): () => void {
  if (left.size === 0) process.once('exit', undoAll);
  left.add(undo);
  return () => {
    left.delete(undo);
    if (left.size === 0) process.off('exit', undoAll);
  };
}

function undoAll(): void {
  for (const undo of left) undo();
}
