package pgtest

import "syscall"

// tie has the kernel stop the server when the thread that starts it ends.
func tie(how *syscall.SysProcAttr) { how.Pdeathsig = syscall.SIGQUIT }
