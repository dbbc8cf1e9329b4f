import { lazy } from 'react';

/** FlowGraph with its library in a chunk of its own, which comes when it is first shown: put it into a Suspense. */
export const LazyFlowGraph = lazy(async () => ({ default: (await import('./flow-graph')).FlowGraph }));
