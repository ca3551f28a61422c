package audit

import "context"

type actorKey struct{}

// WithActor returns a context that carries who deletes: a user's name, a job's,
// whatever an auditor will ask for.
func WithActor(ctx context.Context, actor string) context.Context {
	return context.WithValue(ctx, actorKey{}, actor)
}

// Actor is who ctx carries, or "".
func Actor(ctx context.Context) string {
	if ctx == nil {
		return ""
	}
	who, _ := ctx.Value(actorKey{}).(string)
	return who
}
