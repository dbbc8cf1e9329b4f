import orderCheck from './examples/order-check.yaml?raw';
import refunds from './examples/refunds.yaml?raw';
import slowMotion from './examples/slow-motion.yaml?raw';

/** What one can begin with: each runs by itself, with no server beside this one. */
export const FIRST_FLOWS = { slowMotion, orderCheck, refunds };
export type FirstFlow = keyof typeof FIRST_FLOWS;
