package dev.wherry.master.store;

/** The contract holds with every value sealed. */
class SealedStoreTest extends KvStoreContract {
  /** Turns each bit round. */
  private static final ValueSeal TURNED =
      new ValueSeal() {
        @Override
        public byte[] seal(Key key, byte[] value) {
          byte[] turned = value.clone();
          for (int i = 0; i < turned.length; i++) {
            turned[i] = (byte) ~turned[i];
          }
          return turned;
        }

        @Override
        public byte[] open(Key key, byte[] stored) {
          return seal(key, stored);
        }
      };

  @Override
  protected KvStore open() {
    return new SealedStore(new InMemoryStore(), TURNED, java.util.List.of("/"));
  }
}
