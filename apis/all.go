package apis

import (
	"context"
	"fmt"
	"sync"

	"clavier/model"
)

// AtOnce is how many tries TryAll makes at the same time.
const AtOnce = 4

// TryAll tries each key against each API, AtOnce at a time, the keys in their order. It reveals a key's secret when its
// turn comes, once, and gives each answer to each as it comes, one at a time. A secret that cannot be revealed makes the
// answers of its key unknown. It returns when all is answered, or at once when ctx ends: what had no answer by then is not
// given.
func (p *Prober) TryAll(ctx context.Context, apis []model.API, keys []model.Key,
	reveal func(ctx context.Context, id string) (model.Secret, error), each func(model.Answer),
) {
	type try struct {
		key    string
		secret func() (model.Secret, error)
		api    model.API
	}
	tries := make(chan try)
	var wg sync.WaitGroup
	var giving sync.Mutex
	for range min(AtOnce, len(apis)*len(keys)) {
		wg.Go(func() {
			for t := range tries {
				if ctx.Err() != nil {
					continue
				}
				answer := p.tryRevealed(ctx, t.api, t.secret)
				answer.KeyID = t.key
				giving.Lock()
				if ctx.Err() == nil {
					each(answer)
				}
				giving.Unlock()
			}
		})
	}
	for _, key := range keys {
		secret := sync.OnceValues(func() (model.Secret, error) { return reveal(ctx, key.ID) })
		for _, api := range apis {
			select {
			case tries <- try{key.ID, secret, api}:
			case <-ctx.Done():
			}
		}
	}
	close(tries)
	wg.Wait()
}

// tryRevealed is Try with a secret that is yet to be revealed. A panic becomes its answer: in a goroutine it would leave the
// terminal raw.
func (p *Prober) tryRevealed(ctx context.Context, api model.API, reveal func() (model.Secret, error)) (answer model.Answer) {
	unknown := func(why string) model.Answer {
		return model.Answer{API: api.Name, Verdict: model.VerdictUnknown, At: p.now().UTC(), Why: model.Display(why)}
	}
	defer func() {
		if cause := recover(); cause != nil {
			answer = unknown(fmt.Sprintf("the try failed: %v", cause))
		}
	}()
	secret, err := reveal()
	if err != nil {
		return unknown(fmt.Sprintf("its secret cannot be had: %v; nothing was sent", err))
	}
	return p.Try(ctx, api, secret)
}
