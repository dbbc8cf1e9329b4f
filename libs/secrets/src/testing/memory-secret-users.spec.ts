import { MemorySecretUsers } from './memory-secret-users';
import { secretUsersContract } from './secret-users.contract';

secretUsersContract('MemorySecretUsers', () => {
  const users = new MemorySecretUsers();
  return {
    users,
    save: async (...dag) => users.save(...dag),
    remove: async (...dag) => users.remove(...dag),
    close: () => undefined,
  };
});
