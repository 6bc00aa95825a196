package ui

import (
	"strings"
	"testing"
	"time"

	"clavier/model"
)

// TestNewKeyWithARole: tab turns it, the name stays the only field, and the role goes with the draft.
func TestNewKeyWithARole(t *testing.T) {
	w := &away{}
	s := start(t, three(t), w.service)
	s.press("n")
	s.typed("dash")
	s.shows("Name: dash", "Role: use  (tab changes it)")
	s.press("tab")
	s.shows("Role: read")
	s.press("tab")
	s.shows("Role: manage")
	s.press("tab")
	s.shows("Role: use")
	s.press("tab", "tab")
	s.typed("board")
	s.press("enter")
	s.shows("dashboard was created", "manage: it may also make, end and delete keys")
	if len(w.drafts) != 1 || w.drafts[0] != (model.Draft{Name: "dashboard", Role: model.RoleManage}) {
		t.Errorf("the drafts are %+v", w.drafts)
	}
	s.after(time.Second)
	s.press("enter", "n")
	s.shows("Role: use") // no role is kept for the next key

	s = start(t)
	s.press("n", "x", "tab")
	s.hides("Role")
	if d := s.app.top().(*newDialog); d.role != model.RoleUse || d.field.value() != "x" {
		t.Errorf("where keys have no roles tab has changed %+v", d)
	}
}

// TestSuccessorHasTheRoleOfTheOldKey.
func TestSuccessorHasTheRoleOfTheOldKey(t *testing.T) {
	for _, role := range []model.Role{model.RoleUse, model.RoleRead, model.RoleManage} {
		w := &away{}
		s := start(t, three(t), w.service, with(func(f *fakes) { f.keys[0].Role = role }))
		s.toGuide()
		s.press("enter")
		s.shows("production 2026-11 was made. Both keys work.")
		if len(w.drafts) != 1 || w.drafts[0].Role != role {
			t.Errorf("%s: the drafts are %+v", role, w.drafts)
		}
	}
}

// TestRoleInDetails: where keys have roles, and of a key that has one.
func TestRoleInDetails(t *testing.T) {
	w := &away{}
	s := start(t, three(t), w.service)
	s.press("enter")
	s.shows("Role       use: it opens APIs")
	s.press("esc")
	key, _ := s.app.list.selected()
	key.Role = model.RoleRead
	s.app.open(&detailsDialog{key: key})
	s.shows("Role       read: it may also list keys and read sealed secrets")

	s = start(t, three(t))
	s.press("enter")
	s.hides("Role")
	s.press("esc")
	s.app.open(&detailsDialog{key: key})
	s.shows("Role       read")
	key.Role = 77 // of a newer service
	s.app.open(&detailsDialog{key: key})
	s.shows("Role       Role(77)")
	s.hides("it opens APIs")
}

// TestRolesInTheList: a role that a key service gave is shown, also after it was remembered.
func TestRolesInTheList(t *testing.T) {
	w := &away{}
	roles := with(func(f *fakes) { f.keys[0].Role, f.keys[1].Role = model.RoleManage, model.RoleRead })
	s := start(t, three(t), roles, w.remembers(time.Hour), w.service, shut("version"))
	for range 2 {
		for i, end := range []string{"  never         manage", "  never         stale", "  never         stale"} {
			if line := s.lines()[3+i]; !strings.HasSuffix(strings.TrimRight(line, " "), end) {
				t.Errorf("%q does not end in %q", line, end)
			}
		}
		if s.app.list.loaded && s.app.link.recalled {
			s.release("version")
		}
	}
	s.press("enter")
	s.shows("Role       manage: it may also make, end and delete keys")
}

// TestRoleInTheRow stands where nothing more urgent does, and is the first to go where there is no room.
func TestRoleInTheRow(t *testing.T) {
	s := start(t, three(t))
	key, _ := s.app.list.selected()
	look := s.app.look()
	look.stale = s.app.list.staleCount()
	look.stale.All, look.stale.ByAge = 0, 0
	look.traits.roles = true
	row := func(width int, key model.Key) string { return s.app.row(key, columns(width, look), false, false, noon) }
	for role, word := range map[model.Role]string{model.RoleUse: "never", model.RoleRead: "read", model.RoleManage: "manage"} {
		key.Role = role
		if got := row(80, key); !strings.HasSuffix(got, "  "+word) {
			t.Errorf("%s: the row is %q", role, got)
		}
	}
	if got := row(66, key); strings.Contains(got, "manage") || !strings.HasSuffix(got, "never") {
		t.Errorf("with little room the row is %q", got)
	}
	look.extent.Unusual = true
	key.Dead = true
	if got := row(80, key); !strings.HasSuffix(got, "  dead") {
		t.Errorf("the row of a dead key is %q", got)
	}
	key.Dead, key.Role, key.CreatedAt = false, model.RoleManage, noon.Add(-1000*day)
	if got := row(100, key); !strings.HasSuffix(got, "  stale") {
		t.Errorf("the row of a stale key is %q", got)
	}
}

// TestRefusedChangesInTheActivity: the word, and the reason where there is room.
func TestRefusedChangesInTheActivity(t *testing.T) {
	w := &away{}
	s := start(t, three(t), w.service, with(func(f *fakes) {
		f.lines[1].Action, f.lines[1].Refused = model.ActionDeleted, "this is the last key that may manage keys"
	}), size(120, 24))
	s.press("3")
	for _, line := range s.lines() {
		if strings.Contains(line, "staging") && !strings.Contains(line, "  refused  staging     ada  not deleted: this is the last key that may manage keys  jump-1") {
			t.Errorf("the line is %q", line)
		}
		if strings.Contains(line, "production") && !strings.Contains(line, "  created  production  ada  2026-11-22  jump-1  ") {
			t.Errorf("the line is %q", line)
		}
	}
	s.app.width = 40
	s.shows("refused  staging")
}
