import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { messageOf } from '../../api/problem';
import { instanceQuery, whyQuery } from '../instances/instances.queries';

/** Something that is done to an instance; its header is read again behind it, and a refusal is told. */
export function useAction<T>(id: string, act: () => Promise<T>, onDone?: (answer: T) => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: (answer) => {
      void queries.invalidateQueries({ queryKey: instanceQuery(id).queryKey });
      void queries.invalidateQueries({ queryKey: whyQuery(id).queryKey });
      onDone?.(answer);
    },
    onError: (error) => notifications.show({ color: 'red', message: messageOf(error) }),
  });
}
