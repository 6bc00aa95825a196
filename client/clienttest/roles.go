package clienttest

import (
	"maps"
	"slices"
	"time"

	"clavier/client"
	"clavier/model"
)

// roles are all there are.
var roles = []model.Role{model.RoleUse, model.RoleRead, model.RoleManage}

// testRoles holds that a key keeps its role, wherever it is shown and whatever is done with it.
func (s *suite) testRoles() {
	creator := optional[client.Creator](s)
	follower, follows := s.client.(client.Follower)
	mark := s.beginFollowing()
	made := map[string]model.Issued{}
	for _, role := range roles {
		issued, err := creator.Create(s.Context(), model.Draft{Name: model.Name(role.String()), Role: role})
		if err != nil {
			s.Fatalf("create a key of the role %v: %v", role, err)
		}
		if issued.Key.Role != role {
			s.Errorf("a key of the role %v was made as one of %v", role, issued.Key.Role)
		}
		made[issued.Key.ID] = issued
	}
	s.wantRoles("listed", s.list(), made)
	if follows {
		changes, err := follower.Changes(s.Context(), mark)
		if err != nil || changes.All {
			s.Fatalf("changes: All is %v (%v)", changes.All, err)
		}
		s.wantRoles("told", changes.Keys, made)
	}
	for id, issued := range maps.Clone(made) {
		if verifier, ok := s.client.(client.Verifier); ok {
			key, err := verifier.Verify(s.Context(), issued.Secret)
			s.wantRole("verified", key, err, issued.Key.Role)
		}
		if finder, ok := s.client.(client.Finder); ok {
			key, err := finder.Lookup(s.Context(), issued.Secret)
			s.wantRole("found", key, err, issued.Key.Role)
		}
		if keeper, ok := s.client.(client.AnswerKeeper); ok {
			answer := model.Answer{KeyID: id, API: "api", Verdict: model.VerdictDead, At: time.Now().UTC()}
			if err := keeper.KeepAnswers(s.Context(), []model.Answer{answer}); err != nil {
				s.Fatalf("keep answers: %v", err)
			}
		}
		if renewer, ok := s.client.(client.Renewer); ok {
			name := model.Name("after " + issued.Key.Name)
			successor, err := renewer.Rotate(s.Context(), id, model.Draft{Name: name, Role: issued.Key.Role})
			s.wantRole("rotated", successor.Key, err, issued.Key.Role)
			made[successor.Key.ID] = successor
		}
		if ender, ok := s.client.(client.Ender); ok {
			key, err := ender.End(s.Context(), id, time.Now().Add(time.Hour))
			s.wantRole("ended", key, err, issued.Key.Role)
		}
	}
	s.wantRoles("listed in the end", s.list(), made)
}

// beginFollowing returns the mark of now, where the provider has marks.
func (s *suite) beginFollowing() (mark int64) {
	s.Helper()
	if pager, ok := s.client.(client.Pager); ok {
		return s.pages(pager)[0].Mark
	}
	return 0
}

// wantRoles fails unless each of the keys that were made is there, with its role.
func (s *suite) wantRoles(what string, keys []model.Key, made map[string]model.Issued) {
	s.Helper()
	for id, issued := range made {
		i := slices.IndexFunc(keys, func(key model.Key) bool { return key.ID == id })
		if i < 0 {
			s.Errorf("%s is not %s", issued.Key.Name, what)
			continue
		}
		s.wantRole(what, keys[i], nil, issued.Key.Role)
	}
}

func (s *suite) wantRole(what string, key model.Key, err error, role model.Role) {
	s.Helper()
	if err != nil || key.Role != role {
		s.Errorf("a key of the role %v is %s as one of %v (%v)", role, what, key.Role, err)
	}
}
