import { useEffect, useState } from 'react';
import { followInstance, type LiveState } from '../../api/live';
import { LogBuffer } from './log-buffer';

const DRAW_MS = 150;

/** The last lines of a task as they come. */
export function useLogs(id: string, taskId: string) {
  const [buffer] = useState(() => new LogBuffer());
  const [revision, setRevision] = useState(0);
  const [live, setLive] = useState<LiveState>({ kind: 'opening' });
  useEffect(() => {
    buffer.clear();
    setRevision(buffer.revision);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const draw = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        setRevision(buffer.revision);
      }, DRAW_MS);
    };
    const stop = followInstance(
      'GET /instances/{id}/logs',
      id,
      { taskId },
      {
        onItems(lines) {
          buffer.take(lines);
          draw();
        },
        onState: setLive,
        onAnew() {
          buffer.clear();
          draw();
        },
      },
    );
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [id, taskId, buffer]);
  return { buffer, revision, live };
}
