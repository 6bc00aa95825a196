package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"clavier/model"
)

// afterAll reads all keys by pages of at most limit keys.
func afterAll(t testing.TB, s *Store, limit int) (pages []model.Page) {
	t.Helper()
	place := model.Cursor{}
	for {
		page, err := s.After(t.Context(), place, limit)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, page)
		if len(page.Keys) == 0 {
			return pages
		}
		place = placeOf(page.Keys[len(page.Keys)-1])
	}
}

func placeOf(key model.Key) model.Cursor { return model.Cursor{CreatedAt: key.CreatedAt, ID: key.ID} }

func TestAfterGivesEachKeyInOrder(t *testing.T) {
	for _, n := range []int{0, 1, 10, 60} {
		for _, limit := range []int{1, 7, 10, 1000} {
			t.Run(fmt.Sprintf("%d keys by %d", n, limit), func(t *testing.T) {
				s := open(t, newPath(t))
				fillWith(t, s, n) // with twins in time
				for i := range n / 5 {
					rec := imported(t, fmt.Sprint("of unknown age ", i))
					if err := s.Put(t.Context(), rec, someone); err != nil {
						t.Fatal(err)
					}
				}
				want, mark := listOf(t, s), markNow(t, s)
				pages := afterAll(t, s, limit)
				for i, page := range pages {
					if page.Total != len(want) || page.Mark != mark {
						t.Errorf("page %d has total %d and mark %d, want %d and %d", i, page.Total, page.Mark, len(want), mark)
					}
					if len(page.Keys) > limit || i < len(pages)-2 && len(page.Keys) != limit {
						t.Errorf("page %d has %d keys", i, len(page.Keys))
					}
				}
				if got := keysOf(pages); !slices.Equal(got, want) {
					t.Errorf("%d keys are not the %d that are listed, in their order", len(got), len(want))
				}
			})
		}
	}
}

// A place stays one when its key is gone, and what is made later than it is not behind it.
func TestAfterGoesOnBehindAGoneKey(t *testing.T) {
	s := open(t, newPath(t))
	oldest := put(t, s, "oldest", epoch.Add(-time.Hour))
	middle := put(t, s, "middle", epoch)
	put(t, s, "newest", epoch.Add(time.Hour))
	first, err := s.After(t.Context(), model.Cursor{}, 2)
	if err != nil || len(first.Keys) != 2 || first.Keys[1].ID != middle.Key.ID {
		t.Fatalf("the first page is %+v (%v)", first, err)
	}
	if err := s.Delete(t.Context(), middle.Key.ID, someone, epoch); err != nil {
		t.Fatal(err)
	}
	put(t, s, "newer", epoch.Add(time.Minute))
	second, err := s.After(t.Context(), placeOf(middle.Key), 2)
	if err != nil || !slices.Equal(ids(second.Keys), []string{oldest.Key.ID}) || second.Total != 3 || second.Mark != first.Mark+2 {
		t.Errorf("the second page is %+v (%v)", second, err)
	}
}

func TestAfterOfNothing(t *testing.T) {
	s := open(t, newPath(t))
	put(t, s, "production", epoch)
	for _, limit := range []int{0, -1} {
		if page, err := s.After(t.Context(), model.Cursor{}, limit); err != nil || len(page.Keys) != 0 || page.Total != 1 {
			t.Errorf("a page of %d keys is %+v (%v)", limit, page, err)
		}
	}
	if _, err := s.After(t.Context(), model.Cursor{CreatedAt: time.Date(5000, 1, 1, 0, 0, 0, 0, time.UTC)}, 1); err == nil {
		t.Error("a time that no store keeps is a place")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.After(ctx, model.Cursor{}, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("After for a caller who has left returns %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.After(t.Context(), model.Cursor{}, 1); !errors.Is(err, errClosed) {
		t.Errorf("After of a closed store returns %v", err)
	}
}
