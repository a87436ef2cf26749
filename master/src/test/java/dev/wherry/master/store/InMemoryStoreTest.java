package dev.wherry.master.store;

class InMemoryStoreTest extends KvStoreContract {
  @Override
  protected KvStore open() {
    return new InMemoryStore();
  }
}
