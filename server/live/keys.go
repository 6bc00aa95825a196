package live

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"hash/maphash"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"clavier/model"
)

// ErrFull says that a key could not be taken: there are some 66 million of them, or its texts are longer than 65535 bytes.
var ErrFull = errors.New("there is no room for another live key")

// noteEvery is how many seconds lie between two uses of a key that are due to be noted.
const noteEvery = 60

// Keys are the live keys. They are safe for concurrent use; checks do not wait for each other.
//
// Hashes are seeded, so that nobody who chooses ids or secrets can choose where they fall.
type Keys struct {
	seed   maphash.Seed
	encode func(name string) string

	// mu is held by who changes something, for all of it, and by who looks for an id. It is taken before that of a shard.
	mu    sync.RWMutex
	ids   [shards]table // by the hash of the id
	count int

	shards [shards]shard // by the hash of the digest
}

// Found is a key as it is known here. Its texts stay valid.
type Found struct {
	KeyID string
	// Name is the name of the key as the function encoded it that New was given.
	Name string
	Role model.Role
	// Due is true if the use is to be noted: the last one that was lies a minute back. One caller is told of each minute.
	Due bool
}

// New returns keys without any, with room for as many as are expected. The function encodes names as Found gives them; nil leaves them
// as they are.
func New(expected int, encode func(name string) string) *Keys {
	if encode == nil {
		encode = func(name string) string { return name }
	}
	k := &Keys{seed: maphash.MakeSeed(), encode: encode}
	if expected <= 0 {
		return k
	}
	// A shard has its part of the keys, give or take a few times the root of it.
	each := expected / shards
	each += 3*int(math.Sqrt(float64(each))) + 1
	for i := range k.shards {
		k.ids[i] = newTable(each)
		k.shards[i].digests = newTable(each)
		k.shards[i].entries = make([]entry, 1, min(each+1, maxSlots))
	}
	return k
}

// Check returns the key whose secret was presented, if it verifies at a moment. What has not the shape of a secret, or a wrong
// checksum, is refused before anything is hashed or looked up. It allocates nothing.
func (k *Keys) Check(secret string, now time.Time) (Found, bool) {
	if model.CheckSecret(secret) != nil {
		return Found{}, false
	}
	var text [model.MaxPrefixLen + model.BodyLen + model.ChecksumLen]byte // a string would be copied to the heap
	digest := model.Digest(sha256.Sum256(text[:copy(text[:], secret)]))
	hash := maphash.Bytes(k.seed, digest[:])
	s := &k.shards[shardOf(hash)]
	s.mu.RLock()
	defer s.mu.RUnlock()
	slot, ok := s.slotOf(hash, &digest)
	if !ok {
		return Found{}, false
	}
	e := &s.entries[slot]
	if !e.activeAt(now.UnixNano()) {
		return Found{}, false
	}
	return Found{KeyID: s.idOf(e), Name: s.nameOf(e), Role: e.role, Due: e.due(secondOf(now))}, true
}

// due reports whether a use is to be noted, and takes it as noted then. A second more than noteEvery has passed since the last one: a
// store counts parts of seconds too, and would drop what comes early.
func (e *entry) due(now uint32) bool {
	last := atomic.LoadUint32(&e.used)
	return now >= noteEvery && now-noteEvery > last && atomic.CompareAndSwapUint32(&e.used, last, now)
}

// slotOf returns the slot of the key with a digest. Digests are compared in constant time.
func (s *shard) slotOf(hash uint64, digest *model.Digest) (int, bool) {
	for place := hash; ; {
		ref, behind, ok := s.digests.next(hash, place)
		if !ok {
			return 0, false
		}
		slot := slotOf(ref)
		if subtle.ConstantTimeCompare(s.entries[slot].digest[:], digest[:]) == 1 {
			return slot, true
		}
		place = behind
	}
}

// Len returns how many keys there are, those included that do not verify.
func (k *Keys) Len() int {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.count
}

// Get returns the key with an id, whether it verifies or not. Due is false.
func (k *Keys) Get(id string) (Found, bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	ref, ok := k.refOf(id)
	if !ok {
		return Found{}, false
	}
	s := k.shardOf(ref)
	e := &s.entries[slotOf(ref)] // nobody changes it while mu is held
	return Found{KeyID: s.idOf(e), Name: s.nameOf(e), Role: e.role}, true
}

func (k *Keys) shardOf(ref uint32) *shard { return &k.shards[ref>>slotBits] }

// refOf returns where the key with an id stands. mu is held.
func (k *Keys) refOf(id string) (uint32, bool) {
	hash := maphash.String(k.seed, id)
	ids := &k.ids[shardOf(hash)]
	for place := hash; ; {
		ref, behind, ok := ids.next(hash, place)
		if !ok {
			return 0, false
		}
		s := k.shardOf(ref)
		if s.idOf(&s.entries[slotOf(ref)]) == id {
			return ref, true
		}
		place = behind
	}
}
