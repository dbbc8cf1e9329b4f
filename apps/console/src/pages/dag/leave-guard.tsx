import { useBlocker } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Confirm } from '../../parts/confirm';

/** Asks before a page is left on which something is not saved. */
export function LeaveGuard({ isChanged }: { readonly isChanged: boolean }) {
  const { t } = useTranslation();
  const blocker = useBlocker({
    shouldBlockFn: () => isChanged,
    enableBeforeUnload: () => isChanged,
    withResolver: true,
  });
  if (blocker.status !== 'blocked') return null;
  return (
    <Confirm
      title={t('dag.definition.leave')}
      action={t('dag.definition.discard')}
      isDangerous
      onConfirm={blocker.proceed}
      onClose={blocker.reset}
    />
  );
}
