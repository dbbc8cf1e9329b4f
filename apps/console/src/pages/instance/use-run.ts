import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { followInstance, type LiveState } from '../../api/live';
import { isStatus } from '../../api/problem';
import { meQuery } from '../../api/session';
import type { InstanceStatus } from '../../api/instance-status';
import { instanceQuery, taskQuery, whyQuery } from '../instances/instances.queries';
import { RunModel, type RunEvent } from './run-model';

export interface Run {
  readonly model: RunModel;
  /** Changes with every change of the model, which grows in place. */
  readonly revision: number;
  readonly live: LiveState;
}

/** How often the page is drawn anew at most while events come. */
const DRAW_MS = 120;
/** How old the header is at most while events come; a header that takes long is read less often. */
const HEADER_MS = 700;

/** Status and times that an event tells by itself. */
const TOLD: Readonly<Record<string, InstanceStatus>> = {
  'instance.queued': 'queued',
  'instance.started': 'running',
  'instance.paused': 'paused',
  'instance.resumed': 'running',
  'instance.cancelling': 'cancelling',
  'instance.succeeded': 'succeeded',
  'instance.failed': 'failed',
  'instance.cancelled': 'cancelled',
};

/** A run as its events tell it, live; they also bring what is cached of the instance and its tasks up to date, so that nothing is polled. */
export function useRun(id: string): Run {
  const queries = useQueryClient();
  const [model] = useState(() => new RunModel());
  const [revision, setRevision] = useState(0);
  const [live, setLive] = useState<LiveState>({ kind: 'opening' });
  useEffect(() => {
    model.clear();
    setRevision(model.revision);
    const draw = new Paced(
      () => setRevision(model.revision),
      () => DRAW_MS,
    );
    const header = new HeaderReader(queries, id);
    const stop = followInstance(
      'GET /instances/{id}/events',
      id,
      {},
      {
        onItems(events) {
          model.take(events);
          draw.soon();
          tellCache(queries, id, events);
          header.soon();
        },
        onState(state) {
          setLive(state);
          // What happened while the stream was away is told by it, but how the header stands is not.
          if (state.kind === 'live' || state.kind === 'ended') header.soon();
          if (state.kind === 'refused' && isStatus(state.error, 401))
            void queries.invalidateQueries({ queryKey: meQuery.queryKey, refetchType: 'all' });
        },
        onAnew() {
          model.clear();
          draw.soon();
        },
      },
    );
    return () => {
      stop();
      draw.stop();
      header.stop();
    };
  }, [id, model, queries]);
  return { model, revision, live };
}

function tellCache(queries: QueryClient, id: string, events: readonly RunEvent[]): void {
  const status = events.map(({ type }) => TOLD[type]).findLast((one) => one !== undefined);
  if (status !== undefined)
    queries.setQueryData(instanceQuery(id).queryKey, (before) =>
      before === undefined ? before : { ...before, status },
    );
  for (const taskId of new Set(events.map((event) => event.taskId)))
    if (taskId !== undefined) void queries.invalidateQueries({ queryKey: taskQuery(id, taskId).queryKey });
}

/** Reads the header and what it waits for again, some time after something has happened, and not while it is being read. */
class HeaderReader {
  private tookMs = 0;
  private readonly paced: Paced;

  constructor(
    private readonly queries: QueryClient,
    private readonly id: string,
  ) {
    this.paced = new Paced(
      () => this.read(),
      // Inputs and results may be large: then most of the time is not spent with reading them.
      () => Math.max(HEADER_MS, this.tookMs * 5),
    );
  }

  soon(): void {
    this.paced.soon();
  }

  stop(): void {
    this.paced.stop();
  }

  private async read(): Promise<void> {
    const beganMs = performance.now();
    await Promise.all([
      this.queries.invalidateQueries({ queryKey: instanceQuery(this.id).queryKey }),
      this.queries.invalidateQueries({ queryKey: whyQuery(this.id).queryKey }),
    ]);
    this.tookMs = performance.now() - beganMs;
  }
}

/** Does work soon after it was asked for, and not more often than every so many milliseconds. */
class Paced {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isWorking = false;
  private isWanted = false;

  constructor(
    private readonly work: () => unknown,
    private readonly everyMs: () => number,
  ) {}

  soon(): void {
    this.isWanted = true;
    if (this.timer === undefined && !this.isWorking) this.timer = setTimeout(() => void this.go(), 0);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.isWorking = true;
  }

  private async go(): Promise<void> {
    this.timer = undefined;
    this.isWanted = false;
    this.isWorking = true;
    try {
      await this.work();
    } finally {
      this.isWorking = false;
    }
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (this.isWanted) void this.go();
    }, this.everyMs());
  }
}
