import type { DagFact } from './dag-fact';

/**
 * Facts about DAGs that not everybody who has to hear of them has heard. A DagStore that is given one writes them with the change that they tell of, so that
 * neither is there without the other; one that is given none writes none, and nothing piles up where nobody listens. A DAG that is deleted keeps
 * its rows, and with them what is to be told of its end.
 */
export abstract class DagOutbox {
  private onAdded: (() => void) | undefined;

  /** Those of one DAG from the first on, in their order; about so many at most. */
  abstract waiting(limit: number): Promise<readonly DagFact[]>;

  /** Everybody has heard of them. Others stay, also those of the same DAGs. */
  abstract settle(facts: readonly DagFact[]): Promise<void>;

  /** To be called when something was added here. What other processes add, or have left, is found by looking. */
  listen(onAdded: () => void): void {
    this.onAdded = onAdded;
  }

  /** For stores: facts are durable. */
  ring(): void {
    this.onAdded?.();
  }
}

/** Has to hear of every DAG that is made, published, switched and deleted. */
export abstract class DagListener {
  /**
   * They are taken for good when this resolves. It comes at least once, of one DAG in the order in which it happened; what was heard before may come
   * again, and must then change nothing.
   */
  abstract hear(facts: readonly DagFact[]): Promise<void>;
}
