package store

import (
	"slices"
	"sync"
	"testing"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// A faultDisk stands between SQLite and the files, as a SQLite VFS (https://www.sqlite.org/vfs.html): it counts what would change a
// file, can make the n-th of these fail, and writes down what was asked of the disk, so that a power cut at any moment
// can be played back. It does not really sync: what a sync means is in the notes.
//
// There is one per process, because SQLite keeps its list of VFSs for good.
type faultDisk struct {
	mu    sync.Mutex
	open  map[uintptr]openFile
	notes []note // what was asked, in order
	fault func(n int, what deed) fault
	quiet bool // write nothing down
}

// openFile is a file that SQLite has open, with the platform's methods for it.
type openFile struct {
	name    string
	methods *sqlite3.Tsqlite3_io_methods
}

// deed is something that changes a file.
type deed int

const (
	wrote deed = iota
	truncated
	synced
	deleted
	acknowledged // a note of the test, not of the disk
)

// note is one deed. Of a write it holds the bytes; of a truncation the size as offset.
type note struct {
	deed   deed
	name   string
	offset int64
	data   []byte
	label  int // of an acknowledgement
}

// fault says how a deed goes wrong. Of a write, half is done first if torn.
type fault struct {
	code int32
	torn bool
}

const faultVFS = "faulty"

var (
	disk         = &faultDisk{}
	diskOnce     sync.Once
	platformVFS  uintptr
	faultMethods = map[uintptr]uintptr{} // the platform's tables of file methods and our copies
)

// useFaultDisk returns the option that puts a store on the fault disk, with empty notes and no faults.
func useFaultDisk(t testing.TB) Option {
	t.Helper()
	diskOnce.Do(registerFaultVFS)
	disk.mu.Lock()
	defer disk.mu.Unlock()
	disk.open, disk.notes, disk.fault = map[uintptr]openFile{}, nil, nil
	disk.quiet = false
	return onFaultDisk
}

func onFaultDisk(s *settings) { s.vfs = faultVFS }

// failWith makes the disk ask plan before every deed; n counts from 1.
func (d *faultDisk) failWith(plan func(n int, what deed) fault) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fault = plan
}

// acknowledge notes that an operation was acknowledged.
func (d *faultDisk) acknowledge(label int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.notes = append(d.notes, note{deed: acknowledged, label: label})
}

// add notes a deed and returns the fault that it meets.
func (d *faultDisk) add(n note) fault {
	if d.quiet {
		return fault{}
	}
	d.notes = append(d.notes, n)
	if d.fault == nil {
		return fault{}
	}
	count := 0
	for _, note := range d.notes {
		if note.deed != acknowledged {
			count++
		}
	}
	return d.fault(count, n.deed)
}

// call turns a C function pointer of the driver into a Go function, and pointer the other way; see the driver's own
// cFuncPointer for why this holds.
func call[T any](p uintptr) T { return *(*T)(unsafe.Pointer(&struct{ p uintptr }{p})) }

func pointer[T any](f T) uintptr { return *(*uintptr)(unsafe.Pointer(&struct{ f T }{f})) }

type (
	openFunc     = func(tls *libc.TLS, vfs, name, file uintptr, flags int32, outFlags uintptr) int32
	deleteFunc   = func(tls *libc.TLS, vfs, name uintptr, syncDir int32) int32
	closeFunc    = func(tls *libc.TLS, file uintptr) int32
	writeFunc    = func(tls *libc.TLS, file, buf uintptr, amount int32, offset int64) int32
	truncateFunc = func(tls *libc.TLS, file uintptr, size int64) int32
	syncFunc     = func(tls *libc.TLS, file uintptr, flags int32) int32
)

func registerFaultVFS() {
	tls := libc.NewTLS()
	platformVFS = sqlite3.Xsqlite3_vfs_find(tls, 0)
	ours := libc.Xmalloc(tls, libc.Tsize_t(unsafe.Sizeof(sqlite3.Tsqlite3_vfs{})))
	vfs := at[sqlite3.Tsqlite3_vfs](ours)
	*vfs = *at[sqlite3.Tsqlite3_vfs](platformVFS)
	name, err := libc.CString(faultVFS)
	if err != nil {
		panic(err)
	}
	vfs.FzName = name
	vfs.FpNext = 0
	vfs.FxOpen = pointer[openFunc](faultOpen)
	vfs.FxDelete = pointer[deleteFunc](faultDelete)
	if rc := sqlite3.Xsqlite3_vfs_register(tls, ours, 0); rc != sqlite3.SQLITE_OK {
		panic(rc)
	}
}

// methods returns our copy of a table of file methods. The functions in it must be ordinary ones: nothing that the
// garbage collector sees points to a closure whose address stands in C memory.
func methods(tls *libc.TLS, original uintptr) uintptr {
	if ours, ok := faultMethods[original]; ok {
		return ours
	}
	ours := libc.Xmalloc(tls, libc.Tsize_t(unsafe.Sizeof(sqlite3.Tsqlite3_io_methods{})))
	table := at[sqlite3.Tsqlite3_io_methods](ours)
	*table = *at[sqlite3.Tsqlite3_io_methods](original)
	table.FxClose = pointer[closeFunc](faultClose)
	table.FxWrite = pointer[writeFunc](faultWrite)
	table.FxTruncate = pointer[truncateFunc](faultTruncate)
	table.FxSync = pointer[syncFunc](faultSync)
	faultMethods[original] = ours
	return ours
}

func faultClose(tls *libc.TLS, file uintptr) int32 {
	disk.mu.Lock()
	original := disk.open[file].methods
	delete(disk.open, file)
	disk.mu.Unlock()
	return call[closeFunc](original.FxClose)(tls, file)
}

func faultWrite(tls *libc.TLS, file, buf uintptr, amount int32, offset int64) int32 {
	disk.mu.Lock()
	defer disk.mu.Unlock()
	target := disk.open[file]
	data := slices.Clone(unsafe.Slice(at[byte](buf), amount))
	if bad := disk.add(note{deed: wrote, name: target.name, offset: offset, data: data}); bad.code != 0 {
		if bad.torn {
			call[writeFunc](target.methods.FxWrite)(tls, file, buf, amount/2, offset)
		}
		return bad.code
	}
	return call[writeFunc](target.methods.FxWrite)(tls, file, buf, amount, offset)
}

func faultTruncate(tls *libc.TLS, file uintptr, size int64) int32 {
	disk.mu.Lock()
	defer disk.mu.Unlock()
	target := disk.open[file]
	if bad := disk.add(note{deed: truncated, name: target.name, offset: size}); bad.code != 0 {
		return bad.code
	}
	return call[truncateFunc](target.methods.FxTruncate)(tls, file, size)
}

func faultSync(_ *libc.TLS, file uintptr, _ int32) int32 {
	disk.mu.Lock()
	defer disk.mu.Unlock()
	return disk.add(note{deed: synced, name: disk.open[file].name}).code
}

func faultOpen(tls *libc.TLS, _, name, file uintptr, flags int32, outFlags uintptr) int32 {
	vfs := at[sqlite3.Tsqlite3_vfs](platformVFS)
	rc := call[openFunc](vfs.FxOpen)(tls, platformVFS, name, file, flags, outFlags)
	open := at[sqlite3.Tsqlite3_file](file)
	if rc == sqlite3.SQLITE_OK && open.FpMethods != 0 {
		disk.mu.Lock()
		defer disk.mu.Unlock()
		disk.open[file] = openFile{libc.GoString(name), at[sqlite3.Tsqlite3_io_methods](open.FpMethods)}
		open.FpMethods = methods(tls, open.FpMethods)
	}
	return rc
}

func faultDelete(tls *libc.TLS, _, name uintptr, syncDir int32) int32 {
	disk.mu.Lock()
	defer disk.mu.Unlock()
	if bad := disk.add(note{deed: deleted, name: libc.GoString(name)}); bad.code != 0 {
		return bad.code
	}
	vfs := at[sqlite3.Tsqlite3_vfs](platformVFS)
	return call[deleteFunc](vfs.FxDelete)(tls, platformVFS, name, syncDir)
}
