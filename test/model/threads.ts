/** A thread runs until it needs something, and says as a question when it can go on. The questions are asked anew after every move. */
export type Routine = Generator<() => boolean, void, void>;

interface Thread {
  readonly routine: Routine;
  readonly children: Thread[];
  ready: () => boolean;
  over: boolean;
}

/** Threads in a tree. Of those that can go on, the outermost goes first, then the one whose sibling came first. */
export class Threads {
  private readonly roots: Thread[] = [];
  private current: Thread | undefined;

  /** Starts a thread within the one that runs now; true of the answer once it is over. */
  spawn(routine: Routine): () => boolean {
    const thread: Thread = { routine, children: [], ready: () => true, over: false };
    (this.current?.children ?? this.roots).push(thread);
    return () => thread.over;
  }

  /** Moves on until nothing can move. */
  settle(): void {
    for (let next = this.find(this.roots); next; next = this.find(this.roots)) {
      this.current = next;
      const step = next.routine.next();
      this.current = undefined;
      if (step.done) next.over = true;
      else next.ready = step.value;
    }
  }

  private find(threads: readonly Thread[]): Thread | undefined {
    for (const thread of threads) {
      if (thread.over) continue;
      if (thread.ready()) return thread;
      const inner = this.find(thread.children);
      if (inner) return inner;
    }
    return undefined;
  }
}
