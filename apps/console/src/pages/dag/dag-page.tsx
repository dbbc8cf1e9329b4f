import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../shell/page-header';

export function DagPage() {
  const { t } = useTranslation();
  return <PageHeader title={t('dag.title')} />;
}
