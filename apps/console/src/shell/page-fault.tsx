import type { ErrorComponentProps } from '@tanstack/react-router';
import { FaultNote } from '../parts/fault-note';

/** What is shown in the place of a page that broke or could not be loaded. */
export const PageFault = ({ error, reset }: ErrorComponentProps) => <FaultNote error={error} onRetry={reset} />;
