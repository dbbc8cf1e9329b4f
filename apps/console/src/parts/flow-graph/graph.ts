/** A DAG as `GET /dags/{id}/graph?format=json` draws it. */
export interface DagGraph {
  readonly nodes: readonly GraphStep[];
  readonly edges: readonly GraphEdge[];
}

export interface GraphStep {
  /** The step's; unique in its DAG, within bodies too. */
  readonly id: string;
  readonly title: string;
  readonly operator: string;
  /** The construct in whose body it stands, and which of its bodies that is, in words. */
  readonly parent?: { readonly id: string; readonly body: string };
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** `next`: it follows; `body`: it begins a body of the construct. */
  readonly kind: 'next' | 'body';
  readonly label?: string;
}

/** How a step stands in a run; where it was carried out several times (in a loop) that is for the caller to sum up. */
export interface StepState {
  readonly status: 'pending' | 'running' | 'retrying' | 'waiting' | 'succeeded' | 'failed' | 'skipped' | 'cancelled';
  /** Beside the status, short: `3 of 10`, `1.2 s`. */
  readonly note?: string;
}
