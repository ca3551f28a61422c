package dlvclient

import (
	"errors"
	"fmt"
	"net"
	"net/rpc"
	"net/rpc/jsonrpc"
	"reflect"
	"sync"

	"github.com/go-delve/delve/service"
	"github.com/go-delve/delve/service/api"
	"github.com/go-delve/delve/service/debugger"
	"github.com/go-delve/delve/service/rpc2"
)

// server serves a debugger by rpc2 over one connection. Delve's own server
// (service/rpccommon) makes its debugger itself and keeps it: the two ways
// could not share one. The methods are listed, and not looked up by reflection,
// so that the linker drops the others.
type server struct {
	conn    net.Conn
	codec   rpc.ServerCodec
	sending sync.Mutex
	gone    chan struct{}
	methods map[string]reflect.Value
}

func serve(conn net.Conn, dbg *debugger.Debugger, cfg *debugger.Config) {
	s2 := rpc2.NewServer(&service.Config{Debugger: *cfg, APIVersion: 2}, dbg)
	s := &server{conn: conn, codec: jsonrpc.NewServerCodec(conn), gone: make(chan struct{})}
	s.methods = map[string]reflect.Value{
		"RPCServer.SetApiVersion":    reflect.ValueOf(setAPIVersion),
		"RPCServer.State":            reflect.ValueOf(s2.State),
		"RPCServer.Command":          reflect.ValueOf(s2.Command),
		"RPCServer.Detach":           reflect.ValueOf(s2.Detach),
		"RPCServer.CreateBreakpoint": reflect.ValueOf(s2.CreateBreakpoint),
		"RPCServer.ClearBreakpoint":  reflect.ValueOf(s2.ClearBreakpoint),
		"RPCServer.ListBreakpoints":  reflect.ValueOf(s2.ListBreakpoints),
		"RPCServer.ListRegisters":    reflect.ValueOf(s2.ListRegisters),
		"RPCServer.Stacktrace":       reflect.ValueOf(s2.Stacktrace),
		"RPCServer.ExamineMemory":    reflect.ValueOf(s2.ExamineMemory),
		"RPCServer.FindLocation":     reflect.ValueOf(s2.FindLocation),
		"RPCServer.Eval":             reflect.ValueOf(s2.Eval),
		"RPCServer.FollowExec":       reflect.ValueOf(s2.FollowExec),
		"RPCServer.GetEvents":        reflect.ValueOf(s2.GetEvents),
	}
	go s.loop()
}

func setAPIVersion(in api.SetAPIVersionIn, _ *api.SetAPIVersionOut) error {
	if in.APIVersion != 2 {
		return errors.New("unknown API version")
	}
	return nil
}

func (s *server) loop() {
	defer close(s.gone)
	defer s.codec.Close()
	for {
		var req rpc.Request
		if s.codec.ReadRequestHeader(&req) != nil {
			return
		}
		m, ok := s.methods[req.ServiceMethod]
		if !ok {
			_ = s.codec.ReadRequestBody(nil)
			s.reply(req, nil, fmt.Errorf("unknown method: %s", req.ServiceMethod))
			continue
		}
		arg := reflect.New(m.Type().In(0))
		if err := s.codec.ReadRequestBody(arg.Interface()); err != nil {
			s.reply(req, nil, fmt.Errorf("malformed request: %w", err))
			continue
		}
		if m.Type().NumOut() == 0 { // asynchronous: answers by a callback
			cb := &callback{s: s, req: req, setup: make(chan struct{})}
			go func() {
				defer func() {
					if r := recover(); r != nil {
						cb.Return(nil, fmt.Errorf(brokeDown+"%v", r))
					}
				}()
				m.Call([]reflect.Value{arg.Elem(), reflect.ValueOf(cb)})
			}()
			<-cb.setup
			continue
		}
		out := reflect.New(m.Type().In(1).Elem())
		s.reply(req, out.Interface(), call(m, arg.Elem(), out))
	}
}

func call(m, arg, out reflect.Value) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf(brokeDown+"%v", r)
		}
	}()
	err, _ = m.Call([]reflect.Value{arg, out})[0].Interface().(error)
	return err
}

func (s *server) reply(req rpc.Request, out any, err error) {
	resp := rpc.Response{ServiceMethod: req.ServiceMethod, Seq: req.Seq}
	if err != nil {
		resp.Error, out = err.Error(), struct{}{}
	}
	s.sending.Lock()
	defer s.sending.Unlock()
	_ = s.codec.WriteResponse(&resp, out)
}

// callback answers one asynchronous request.
type callback struct {
	s     *server
	req   rpc.Request
	setup chan struct{}
	once  sync.Once
}

func (cb *callback) Return(out any, err error) {
	select {
	case <-cb.setup: // closed by the method itself
	default:
		cb.once.Do(func() { close(cb.setup) })
	}
	cb.s.reply(cb.req, out, err)
}

func (cb *callback) SetupDoneChan() chan struct{}  { return cb.setup }
func (cb *callback) DisconnectChan() chan struct{} { return cb.s.gone }
