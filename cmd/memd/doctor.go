package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/memd-dev/memd/memory"
)

func newDoctorCmd(e *env) *cobra.Command {
	var dump, rebuild, asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor [flags]",
		Short: "check what memd keeps and needs; rebuild or dump the index",
		Long: "Checks what memd keeps of this repository and what it needs, and says what to do " +
			"about what is wrong. The index can be made anew from git at any time.",
		Example: "memd doctor\n" +
			"memd doctor --rebuild\n" +
			"memd doctor --dump | sha256sum # two memories are equal when their dumps are",
		Annotations: map[string]string{annotationExits: "4 10"},
		Args:        noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := atMostOne(cmd, "dump", "rebuild"); err != nil {
				return err
			}
			if err := atMostOne(cmd, "dump", "json"); err != nil {
				return err
			}
			switch {
			case dump:
				return e.dump(cmd.Context())
			case rebuild:
				return e.rebuild(cmd.Context(), asJSON)
			}
			return e.doctor(cmd.Context(), asJSON)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&rebuild, "rebuild", false, "make the index anew from git, check it and swap it in")
	f.BoolVar(&dump, "dump", false, "write the whole memory as JSON Lines, in a canonical order")
	f.BoolVar(&asJSON, "json", false, "print the result as JSON")
	return cmd
}

// doctor runs the checks. A memory that doesn't open is one that failed.
func (e *env) doctor(ctx context.Context, asJSON bool) error {
	var checks []Check
	err := e.with(ctx, EnrolNever, func(m Opened) (err error) {
		checks, err = m.Doctor(ctx)
		return err
	})
	switch {
	case errors.Is(err, memory.ErrNotRepository), errors.Is(err, memory.ErrNotEnrolled), errors.Is(err, context.Canceled):
		return err // there is nothing to examine
	case err != nil:
		c := Check{Name: "memory", Detail: err.Error(), Hint: exitHint(err)}
		var hinted *memory.Hinted
		if errors.As(err, &hinted) {
			c.Hint = hinted.Next
		}
		checks = append(checks, c)
	}

	wrong := 0
	for _, c := range checks {
		if !c.OK {
			wrong++
		}
	}
	if asJSON {
		err = e.printJSON(checks)
	} else {
		p := e.newPage()
		p.checks(checks)
		err = e.show(p)
	}
	switch {
	case err != nil:
		return err
	case wrong == 1:
		return errors.New("one check failed")
	case wrong > 1:
		return errors.New(thousands(wrong) + " checks failed")
	}
	return nil
}

// checks lists what was looked at, one line each.
func (p *page) checks(checks []Check) {
	widest := 0
	for _, c := range checks {
		widest = max(widest, columns(c.Name))
	}
	const verdict = 7 // "wrong" and two spaces
	for _, c := range checks {
		word, s := "ok", green
		if !c.OK {
			word, s = "wrong", red
		}
		hang := verdict + widest + 2
		p.line(hang,
			span{text: word, style: s}, span{text: pad("", verdict-len(word))},
			span{text: pad(c.Name, widest+2), solid: true}, span{text: c.Detail})
		if c.Hint != "" {
			p.line(hang, span{text: pad("", hang) + "hint: " + c.Hint, style: dim})
		}
	}
}

// dump writes the canonical text of the memory.
func (e *env) dump(ctx context.Context) error {
	return e.with(ctx, EnrolNever, func(m Opened) error {
		return m.Dump(ctx, m.Envelope(), e.stdout)
	})
}

// rebuild makes the index anew, with progress.
func (e *env) rebuild(ctx context.Context, asJSON bool) error {
	var mined *memory.Mined
	err := e.withRequest(ctx, OpenRequest{Enrol: EnrolNever, Repair: true}, func(m Opened) (err error) {
		p := e.newProgress(0)
		mined, err = m.Rebuild(ctx, m.Envelope(), p.report)
		p.done()
		return interruption(ctx, err, p.last, "memd doctor --rebuild")
	})
	if err != nil {
		return err
	}
	if asJSON {
		return e.printJSON(mined)
	}
	e.notice("rebuilt the index: %s in %s", count(mined.Mined, "commit"), seconds(mined.Elapsed))
	return nil
}
