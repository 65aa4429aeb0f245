package gitwatch

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"

	"github.com/memd-dev/memd/memory"
)

// Blobs reads objects through one long-lived git cat-file. It is safe for
// concurrent use; questions are answered one at a time.
type Blobs struct {
	format string

	mu    sync.Mutex // guards all below; held while an answer is read
	child *Child
	out   *bufio.Reader
	err   error // set when the child is lost or closed
}

// Blobs starts the child. It lives until Close or the end of ctx.
func (s *Shadow) Blobs(ctx context.Context) (*Blobs, error) {
	child, err := s.Start(ctx, ChildOptions{WantStdin: true}, "cat-file", "--batch-command")
	if err != nil {
		return nil, err
	}
	return &Blobs{format: s.ObjectFormat, child: child, out: bufio.NewReaderSize(child.Stdout, 64<<10)}, nil
}

// Read gives the content of an object by its full id; the caller owns it.
// memory.ErrNotFound: the object is not there, as in a partial clone.
// memory.ErrInvalid: the id is no full id, or the object has more than max
// bytes; nothing of it was read then. The Blobs stays usable after both.
// After any other error the child is lost: every Read returns that error, and
// the caller closes this and asks the Shadow for another.
func (b *Blobs) Read(id string, max int64) ([]byte, error) {
	if !validID(id, b.format) {
		return nil, fmt.Errorf("read object %s: no full id: %w", display([]byte(id)), memory.ErrInvalid)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err != nil {
		return nil, fmt.Errorf("read object %s: %w", id, b.err)
	}
	text, err := b.read(id, max)
	if err != nil && !errors.Is(err, memory.ErrNotFound) && !errors.Is(err, memory.ErrInvalid) {
		// Where in the stream we are is unknown now. Killing it only gives a
		// reason if it didn't end by itself.
		b.err = err
		if waitErr := b.child.Wait(); waitErr != nil {
			b.err = waitErr
		}
		err = b.err
	}
	if err != nil {
		return nil, fmt.Errorf("read object %s: %w", id, err)
	}
	return text, nil
}

// read asks for the size first, so that an object over the limit costs a line
// and not its bytes.
func (b *Blobs) read(id string, max int64) ([]byte, error) {
	size, err := b.ask("info", id)
	if err != nil {
		return nil, err
	}
	if size > max {
		return nil, fmt.Errorf("%d bytes, over %d: %w", size, max, memory.ErrInvalid)
	}
	if size, err = b.ask("contents", id); err != nil {
		return nil, err
	}
	text := make([]byte, size+1) // and the line end that follows
	if _, err := io.ReadFull(b.out, text); err != nil {
		return nil, err
	}
	if text[size] != '\n' {
		return nil, errors.New("git cat-file: answer has another size than announced")
	}
	return text[:size:size], nil
}

// ask sends a command and reads the line of its answer: "<id> <type> <size>",
// or "<id> missing".
func (b *Blobs) ask(command, id string) (size int64, err error) {
	if _, err := io.WriteString(b.child.Stdin, command+" "+id+"\n"); err != nil {
		return 0, err
	}
	line, err := b.out.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	part := strings.Fields(string(line))
	if len(part) == 2 && part[0] == id && part[1] == "missing" {
		return 0, memory.ErrNotFound
	}
	if len(part) != 3 || part[0] != id {
		return 0, fmt.Errorf("git cat-file: unexpected answer %q", line)
	}
	if size, err = strconv.ParseInt(part[2], 10, 64); err != nil || size < 0 {
		return 0, fmt.Errorf("git cat-file: unexpected size %q", line)
	}
	return size, nil
}

// Close ends the child and waits for it. It may be called twice, and gives the
// error of the child if it ended badly.
func (b *Blobs) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil {
		b.err = errors.New("closed")
	}
	return b.child.Wait()
}
