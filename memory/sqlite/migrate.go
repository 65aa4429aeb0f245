package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"sort"

	"github.com/memd-dev/memd/memory"
)

// applicationID marks our files ("memd" in ASCII), so that a file of another
// program is refused and not filled.
const applicationID = 0x6d656d64

//go:embed migration/*.sql
var migrations embed.FS

// Schema is the version of the schema that this program writes: the number of
// embedded migrations.
var Schema = len(migrationNames())

func migrationNames() []string {
	names, err := fs.Glob(migrations, "migration/*.sql")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	sort.Strings(names)
	return names
}

// migrate checks whose file it is and brings it to Schema, one transaction per
// step.
func migrate(ctx context.Context, db *sql.DB) error {
	version, err := fileVersion(ctx, db)
	if err != nil {
		return err
	}
	for i, name := range migrationNames() {
		if i < version {
			continue
		}
		text, err := migrations.ReadFile(name)
		if err != nil {
			return err
		}
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		steps := []string{string(text), fmt.Sprintf("PRAGMA application_id = %d", applicationID), fmt.Sprintf("PRAGMA user_version = %d", i+1)}
		for _, s := range steps {
			if _, err := tx.ExecContext(ctx, s); err != nil {
				tx.Rollback()
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		if err := tx.Commit(); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// checkSchema refuses a file that can't be read as it is.
func checkSchema(ctx context.Context, db *sql.DB) error {
	version, err := fileVersion(ctx, db)
	if err != nil {
		return err
	}
	if version < Schema {
		return fmt.Errorf("%w: schema %d, this memd reads %d", memory.ErrForeign, version, Schema)
	}
	return nil
}

// fileVersion gives the schema version of a file, 0 for an empty one.
func fileVersion(ctx context.Context, db *sql.DB) (int, error) {
	var id, version, tables int
	if err := db.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id); err != nil {
		return 0, err
	}
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return 0, err
	}
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return 0, err
	}
	switch {
	case tables == 0:
		return 0, nil
	case id != applicationID:
		return 0, fmt.Errorf("%w: the file belongs to another program", memory.ErrForeign)
	case version > Schema:
		return 0, fmt.Errorf("%w: schema %d is of a newer memd (this one knows %d)", memory.ErrForeign, version, Schema)
	}
	return version, nil
}
