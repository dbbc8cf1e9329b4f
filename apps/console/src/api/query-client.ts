import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiProblem, isStatus } from './problem';

/** What the service said stands; only where it had no time, or was not there, is a read asked again. */
const mayPass = (error: unknown) => error instanceof ApiProblem && (error.status === 0 || error.status >= 502);

/** `onSignedOut` hears of every 401, wherever it came. */
export function createQueryClient(onSignedOut: () => void): QueryClient {
  const onError = (error: unknown) => {
    if (isStatus(error, 401)) onSignedOut();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: { staleTime: 5_000, retry: (failures, error) => failures < 2 && mayPass(error) },
    },
  });
}
