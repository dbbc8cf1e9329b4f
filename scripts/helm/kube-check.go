// Judges rendered objects as an API server would on their creation: kube-check FILE ... (YAML, several documents each).
// Unknown fields, defaults, validation and warnings are those of Kubernetes' own code; pods must also pass the Pod Security
// Standard "restricted". Objects of custom resources are only read strictly into their types. Prints a line for each fault.
package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	apps "k8s.io/api/apps/v1"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	_ "k8s.io/kubernetes/pkg/apis/autoscaling/install"
	_ "k8s.io/kubernetes/pkg/apis/batch/install"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	_ "k8s.io/kubernetes/pkg/apis/networking/install"
	_ "k8s.io/kubernetes/pkg/apis/policy/install"
	"k8s.io/kubernetes/pkg/registry/apps/deployment"
	"k8s.io/kubernetes/pkg/registry/autoscaling/horizontalpodautoscaler"
	"k8s.io/kubernetes/pkg/registry/batch/job"
	"k8s.io/kubernetes/pkg/registry/core/configmap"
	"k8s.io/kubernetes/pkg/registry/core/secret"
	"k8s.io/kubernetes/pkg/registry/core/service"
	"k8s.io/kubernetes/pkg/registry/core/serviceaccount"
	"k8s.io/kubernetes/pkg/registry/networking/ingress"
	"k8s.io/kubernetes/pkg/registry/networking/networkpolicy"
	"k8s.io/kubernetes/pkg/registry/policy/poddisruptionbudget"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	gateway "sigs.k8s.io/gateway-api/apis/v1"
)

const namespace = "flow"

var scheme = legacyscheme.Scheme

// What an API server asks before it creates an object of a kind.
var strategies = map[string]rest.RESTCreateStrategy{
	"ConfigMap":               configmap.Strategy,
	"Deployment":              deployment.Strategy,
	"HorizontalPodAutoscaler": horizontalpodautoscaler.Strategy,
	"Ingress":                 ingress.Strategy,
	"Job":                     job.Strategy,
	"NetworkPolicy":           networkpolicy.Strategy,
	"PodDisruptionBudget":     poddisruptionbudget.Strategy,
	"Secret":                  secret.Strategy,
	"Service":                 service.Strategy,
	"ServiceAccount":          serviceaccount.Strategy,
}

var custom = map[string]bool{"ServiceMonitor": true, "HTTPRoute": true}

func main() {
	must(monitoring.AddToScheme(scheme))
	must(gateway.Install(scheme))
	decoder := json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme, scheme, json.SerializerOptions{Yaml: true, Strict: true})
	restricted := podSecurity()
	objects, faults := 0, 0
	for _, file := range os.Args[1:] {
		text, err := os.ReadFile(file)
		must(err)
		documents := yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
		for {
			document, err := documents.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			must(err)
			if isEmpty(document) {
				continue
			}
			objects++
			name, found := judge(decoder, restricted, document)
			for _, fault := range found {
				fmt.Printf("%s: %s: %s\n", file, name, fault)
			}
			faults += len(found)
		}
	}
	fmt.Printf("%d objects, %d faults\n", objects, faults)
	if objects == 0 || faults > 0 {
		os.Exit(1)
	}
}

func judge(decoder runtime.Decoder, restricted func(runtime.Object) []string, document []byte) (string, []string) {
	object, kind, err := decoder.Decode(document, nil, nil)
	if err != nil {
		return "an object", []string{err.Error()}
	}
	accessor, err := meta.Accessor(object)
	must(err)
	name := kind.Kind + " " + accessor.GetName()
	if custom[kind.Kind] {
		return name, nil
	}
	strategy, known := strategies[kind.Kind]
	if !known {
		return name, []string{"kube-check knows no strategy for this kind"}
	}
	if accessor.GetNamespace() == "" {
		accessor.SetNamespace(namespace)
	}
	scheme.Default(object)
	// What an API server does with the older field before it validates.
	if service, is := object.(*core.Service); is && service.Spec.ClusterIP != "" && len(service.Spec.ClusterIPs) == 0 {
		service.Spec.ClusterIPs = []string{service.Spec.ClusterIP}
	}
	faults := restricted(object)
	internal, err := scheme.ConvertToVersion(object, schema.GroupVersion{Group: kind.Group, Version: runtime.APIVersionInternal})
	if err != nil {
		return name, append(faults, err.Error())
	}
	ctx := request.WithRequestInfo(request.WithNamespace(context.Background(), accessor.GetNamespace()), &request.RequestInfo{
		APIGroup: kind.Group, APIVersion: kind.Version, Verb: "create",
	})
	created, err := meta.Accessor(internal)
	must(err)
	rest.FillObjectMetaSystemFields(created)
	if err := rest.BeforeCreate(strategy, ctx, internal); err != nil {
		faults = append(faults, err.Error())
	}
	for _, warning := range strategy.WarningsOnCreate(ctx, internal) {
		faults = append(faults, "warning: "+warning)
	}
	return name, faults
}

// The pods that an object makes, against the newest version of "restricted".
func podSecurity() func(runtime.Object) []string {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	must(err)
	level := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	return func(object runtime.Object) []string {
		var template *core.PodTemplateSpec
		switch object := object.(type) {
		case *apps.Deployment:
			template = &object.Spec.Template
		case *batch.Job:
			template = &object.Spec.Template
		default:
			return nil
		}
		result := policy.AggregateCheckResults(evaluator.EvaluatePod(level, &metav1.ObjectMeta{}, &template.Spec))
		if result.Allowed {
			return nil
		}
		return []string{"pod security: " + result.ForbiddenDetail()}
	}
}

// Helm writes documents of nothing but comments where a template renders nothing.
func isEmpty(document []byte) bool {
	for _, line := range bytes.Split(document, []byte("\n")) {
		line = bytes.TrimSpace(line)
		if len(line) > 0 && line[0] != '#' && !bytes.Equal(line, []byte("---")) {
			return false
		}
	}
	return true
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "kube-check:", err)
		os.Exit(2)
	}
}
