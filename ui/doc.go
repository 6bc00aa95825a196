package ui

// How the program is laid out.
//
// There is one tea.Model, app. Its state is a set of independent facts: which view is shown, the stack of dialogs, the
// operations under way, the status. Children (keyList, filterLine, dialogs, field) are plain structs with methods.
//
// A key goes, in this order: to the top dialog if there is one, else to the view; keys that apply everywhere (ctrl+c,
// ctrl+z, ctrl+l) come first. Bindings are data (binding): the same values are matched, shown in the footer and listed
// by help. Letters go to a text field if the top dialog has one, or to the filter while it is typed.
//
// The key list is a table (ui/table) and a listing of it: the rows that were asked for, in order. Portions of the keys are
// read, and the table is searched, beside the screen; the old rows stay until there is an answer. A key that acts on rows
// is held back until the rows that it was pressed for are there (binding.after, app.hold), so that nothing depends on how
// fast one types.
//
// A service at the other end of a connection can be lost (link). Then the last list stays with its age, what needs the service
// is disabled with the reason, and it is asked less and less often until there is an answer. What such a service remembers
// (rememberer) is shown until the keys are there.
//
// Nothing blocks in Update. Whatever takes time is an operation (begin): a command that captures values and never the
// app, and a handler that gets its result back in Update. Time is read in Update and on a tick once a second: what has
// a lifetime (status, shown secret, copied secret) keeps the moment of its end and is compared with the clock.
