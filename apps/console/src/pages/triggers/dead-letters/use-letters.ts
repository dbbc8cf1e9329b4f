import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { DEAD_LETTERS, discard, redrive, type LettersDone } from '../../../api/platform.queries';
import { messageOf } from '../../../api/problem';
import { TRIGGERS } from '../../../api/triggers.queries';

export type LettersAct =
  | { readonly kind: 'discard'; readonly ids: readonly string[] }
  | { readonly kind: 'redrive'; readonly target: Parameters<typeof redrive>[0] };

/** Carries dead letters out anew or forgets them, and tells what came of it; `onDone` hears what was refused. */
export function useLetters(onDone: (done: LettersDone) => void) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (act: LettersAct) => (act.kind === 'discard' ? discard(act.ids) : redrive(act.target)),
    onSuccess: (result, { kind }) => {
      const { done, refused, more } = result;
      const told = t(kind === 'discard' ? 'triggers.dead.discarded' : 'triggers.dead.redriven', { count: done });
      const message = [told, ...(more ? [t('triggers.dead.more')] : []), ...new Set(refused.values())].join('\n');
      notifications.show({ message, color: refused.size > 0 ? 'red' : 'green' });
      onDone(result);
    },
    onError: (error) => notifications.show({ color: 'red', message: messageOf(error) }),
    onSettled: async () => {
      await queryClient.invalidateQueries({ queryKey: [...DEAD_LETTERS, 'list'] });
      await queryClient.invalidateQueries({ queryKey: TRIGGERS });
    },
  });
}
