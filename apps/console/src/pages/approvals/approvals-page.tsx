import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../shell/page-header';

export function ApprovalsPage() {
  const { t } = useTranslation();
  return <PageHeader title={t('approvals.title')} />;
}
