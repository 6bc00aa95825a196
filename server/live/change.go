package live

import (
	"hash/maphash"
	"math"
	"sync/atomic"

	"clavier/model"
)

// Put takes a key as it is now, whatever was known of its id before. An imported key is not kept: its secret is not checked here.
// Another key with the same digest goes, for a store has each digest once. It returns ErrFull, and then the key is not there.
func (k *Keys) Put(key model.Digested) error {
	if key.Key.Imported {
		k.Remove(key.Key.ID)
		return nil
	}
	name := k.encode(key.Key.Name)
	k.mu.Lock()
	defer k.mu.Unlock()
	ref, known := k.refOf(key.Key.ID)
	if known {
		s := k.shardOf(ref)
		e := &s.entries[slotOf(ref)]
		if e.digest == key.Digest && s.nameOf(e) == name {
			k.update(ref, key.Key)
			return nil
		}
		k.drop(ref)
	}
	hash := maphash.Bytes(k.seed, key.Digest[:])
	at := shardOf(hash)
	s := &k.shards[at]
	if slot, taken := s.slotOf(hash, &key.Digest); taken {
		k.drop(refOf(at, slot))
	}
	if len(key.Key.ID) > math.MaxUint16 || len(name) > math.MaxUint16 {
		return ErrFull
	}
	return k.insert(hash, key, name)
}

// update takes what can change of a key. mu is held.
func (k *Keys) update(ref uint32, key model.Key) {
	s := k.shardOf(ref)
	s.mu.Lock()
	defer s.mu.Unlock()
	e := &s.entries[slotOf(ref)]
	e.take(key)
}

func (e *entry) take(key model.Key) {
	e.ends, e.role, e.flags = endOf(key.ExpiresAt), key.Role, flagTaken
	if key.Disabled {
		e.flags |= flagDisabled
	}
	// What was noted here may not have reached the store yet.
	atomic.StoreUint32(&e.used, max(atomic.LoadUint32(&e.used), secondOf(key.LastUse.At)))
}

// insert adds a key whose id and digest are not there. mu is held.
func (k *Keys) insert(hash uint64, key model.Digested, name string) error {
	at := shardOf(hash)
	s := &k.shards[at]
	s.mu.Lock()
	defer s.mu.Unlock()
	slot := s.take()
	if slot == 0 {
		return ErrFull
	}
	e := &s.entries[slot]
	*e = entry{
		digest: key.Digest, text: s.texts.add(key.Key.ID, name), idLen: uint16(len(key.Key.ID)), name: uint16(len(name)),
	}
	e.take(key.Key)
	ref := refOf(at, slot)
	s.digests.add(hash, ref, k.digestHash)
	id := maphash.String(k.seed, key.Key.ID)
	k.ids[shardOf(id)].add(id, ref, k.idHash)
	k.count++
	return nil
}

// Remove takes the key with an id out, if it is there.
func (k *Keys) Remove(id string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if ref, ok := k.refOf(id); ok {
		k.drop(ref)
	}
}

// drop takes a key out, and packs its shard if that has become wasteful. mu is held.
func (k *Keys) drop(ref uint32) {
	s := k.shardOf(ref)
	s.mu.Lock()
	defer s.mu.Unlock()
	e := &s.entries[slotOf(ref)]
	id := k.idHash(ref)
	k.ids[shardOf(id)].remove(id, ref, k.idHash)
	s.digests.remove(k.digestHash(ref), ref, k.digestHash)
	s.texts.dead += int(e.idLen) + int(e.name)
	*e = entry{}
	s.free = append(s.free, uint32(slotOf(ref)))
	k.count--
	if s.wasteful() {
		k.pack(int(ref >> slotBits))
	}
}

// pack moves the entries of a shard together, and what is needed of its texts. mu and that of the shard are held.
func (k *Keys) pack(at int) {
	old := &k.shards[at]
	kept := len(old.entries) - 1 - len(old.free)
	entries, words := make([]entry, 1, kept+1), texts{}
	for slot := range old.entries {
		e := &old.entries[slot]
		if e.flags&flagTaken == 0 {
			continue
		}
		was, is := refOf(at, slot), refOf(at, len(entries))
		if was != is { // which no other has: those before it have moved up already
			id := k.idHash(was)
			k.ids[shardOf(id)].replace(id, was, is)
		}
		moved := *e
		moved.text = words.add(old.idOf(e), old.nameOf(e))
		entries = append(entries, moved)
	}
	old.entries, old.texts, old.free = entries, words, nil
	old.digests = newTable(kept)
	for slot := 1; slot < len(entries); slot++ {
		ref := refOf(at, slot)
		old.digests.add(k.digestHash(ref), ref, k.digestHash)
	}
}

// Inherit takes the moments of the last uses from keys that these are to replace, where those know better.
func (k *Keys) Inherit(from *Keys) {
	for i := range from.shards {
		s := &from.shards[i]
		s.mu.RLock()
		for slot := range s.entries {
			e := &s.entries[slot]
			if used := atomic.LoadUint32(&e.used); used != 0 && e.flags&flagTaken != 0 {
				k.inherit(&e.digest, used)
			}
		}
		s.mu.RUnlock()
	}
}

func (k *Keys) inherit(digest *model.Digest, used uint32) {
	hash := maphash.Bytes(k.seed, digest[:])
	s := &k.shards[shardOf(hash)]
	s.mu.Lock()
	defer s.mu.Unlock()
	if slot, ok := s.slotOf(hash, digest); ok {
		e := &s.entries[slot]
		atomic.StoreUint32(&e.used, max(atomic.LoadUint32(&e.used), used))
	}
}

// digestHash and idHash return the hashes that lead to an entry.
func (k *Keys) digestHash(ref uint32) uint64 {
	return maphash.Bytes(k.seed, k.shardOf(ref).entries[slotOf(ref)].digest[:])
}

func (k *Keys) idHash(ref uint32) uint64 {
	s := k.shardOf(ref)
	return maphash.String(k.seed, s.idOf(&s.entries[slotOf(ref)]))
}
