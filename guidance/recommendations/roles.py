"""Roles instead of credentials: for software that speaks the SES API and that AWS can trust in some way."""

from typing import Final

from guidance.catalogue import Kind, Link, Part
from guidance.recommendations.others import FOR_ROLE
from guidance.recommendations.shapes import Point, Recommendation

_PARTS: Final = (
    Part("Role", "arn:aws:iam::…:role/…", "names the rights; not a secret"),
    Part("Temporary credentials", "ASIA················", "fetched and renewed by the SDK, kept nowhere"),
)
_POLICY: Final = (
    "Give the role a policy that allows `ses:SendEmail` and `ses:SendRawEmail`, with the condition `ses:FromAddress` "
    "on your From addresses."
)
_TRY: Final = (
    "In the code name only the region: the SDK finds the credentials. Send a message to "
    "`success@simulator.amazonses.com`."
)
_WATCH: Final = (
    Point(
        "A forgotten key wins.",
        (
            "`AWS_ACCESS_KEY_ID` in the environment, or a profile in `~/.aws/credentials`, is taken before the role. "
            "Remove it."
        ),
    ),
    Point(
        "Raw mail counts as another action.",
        "`SendEmail` with raw content asks for `ses:SendRawEmail`; with a template for `ses:SendTemplatedEmail`.",
    ),
    Point("From must be verified in that region.", "Verified elsewhere does not count."),
    Point(
        "It is for the API.",
        "Temporary credentials do not sign in at the SMTP interface, and no SMTP password works "
        "that was made from them.",
    ),
)
_KEEP: Final = (
    "One role for each application and environment.",
    "Let its trust policy name exactly who may take it.",
    "There is no key to rotate. Read the policy again when the application changes.",
)
_ALTERNATIVE: Final = "If it turns out that your software speaks only SMTP, it needs SMTP credentials after all."
_IAM: Final = "IAM user guide"


def _role(  # noqa: PLR0917
    slug: str, title: str, because: str, steps: tuple[str, ...], links: tuple[Link, ...], watch: tuple[Point, ...] = ()
) -> Recommendation:
    return Recommendation(
        slug=slug,
        kind=Kind.API,
        title=title,
        because=because,
        parts=_PARTS,
        parts_note="Nothing here has to be typed, stored or rotated.",
        steps=(*steps, _TRY),
        others=FOR_ROLE,
        watch=(*watch, *_WATCH),
        keep=_KEEP,
        alternative=_ALTERNATIVE,
        links=links,
        needs_credential=False,
    )


EC2: Final = _role(
    "role-ec2",
    "No credential: use an instance profile",
    "An EC2 instance can carry a role, and the SDK on it finds the role by itself.",
    ("Make an IAM role that EC2 may take.", _POLICY, "Attach it to the instance as its instance profile."),
    (
        Link(
            "IAM roles for Amazon EC2",
            "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-roles-for-amazon-ec2.html",
            "EC2 user guide",
        ),
    ),
    (Point("Everything on the instance has it.", "Keep applications with other rights on other instances."),),
)
ECS: Final = _role(
    "role-ecs",
    "No credential: use the task role",
    "An ECS task can carry a role of its own, and the SDK in the container finds it by itself.",
    (
        "Make an IAM role that `ecs-tasks.amazonaws.com` may take.",
        _POLICY,
        "Name it as `taskRoleArn` in the task definition and deploy again.",
    ),
    (
        Link(
            "Amazon ECS task IAM role",
            "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html",
            "ECS developer guide",
        ),
    ),
    (
        Point(
            "Two roles, two purposes.",
            "The task execution role pulls images and writes logs; mail needs the task role.",
        ),
    ),
)
LAMBDA: Final = _role(
    "role-lambda",
    "No credential: use the execution role of the function",
    "Every Lambda function already has a role. It only needs the right to send.",
    ("Open the execution role of the function.", _POLICY),
    (
        Link(
            "Lambda execution role",
            "https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html",
            "Lambda developer guide",
        ),
    ),
    (Point("Do not share the role between functions.", "Whatever one may do, all may do."),),
)
EKS: Final = _role(
    "role-eks",
    "No credential: use EKS Pod Identity or IRSA",
    "A pod on EKS can carry a role through its service account.",
    (
        (
            "Make an IAM role. For Pod Identity let `pods.eks.amazonaws.com` take it; for IRSA the cluster's OIDC "
            "provider."
        ),
        _POLICY,
        (
            "Tie the role to the pod's service account: a Pod Identity association, or for IRSA the annotation "
            "`eks.amazonaws.com/role-arn`."
        ),
        "Restart the pods.",
    ),
    (
        Link(
            "EKS Pod Identity",
            "https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html",
            "EKS user guide",
        ),
        Link(
            "IAM roles for service accounts (IRSA)",
            "https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html",
            "EKS user guide",
        ),
    ),
    (Point("Without it the pod takes the node's role,", "which all pods on that node share."),),
)
ON_AWS: Final = _role(
    "role-aws",
    "No credential: use the role of the service that runs it",
    "AWS services hand a role to what runs on them, and the SDK finds it by itself.",
    (
        (
            "Find where the service names its role: an instance profile on EC2, a task role on ECS, an execution "
            "role on Lambda, Pod Identity or IRSA on EKS, a service or job role elsewhere."
        ),
        _POLICY,
    ),
    (
        Link(
            "Using an IAM role for workloads on AWS",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
            _IAM,
        ),
    ),
)
OIDC: Final = _role(
    "role-oidc",
    "No credential: use a role through OIDC federation",
    "AWS can trust the tokens that your software already gets, and give a role for them.",
    (
        "In IAM register the issuer of the tokens as an OIDC identity provider.",
        (
            "Make a role that this provider may take, and let its trust policy name audience and subject exactly: this "
            "repository and branch, or this service account."
        ),
        _POLICY,
        (
            "Let the software exchange its token: `AWS_ROLE_ARN` and `AWS_WEB_IDENTITY_TOKEN_FILE`, or the AWS step "
            "of your build system."
        ),
    ),
    (
        Link(
            "OIDC federation",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html",
            _IAM,
        ),
    ),
    (Point("A trust policy without a subject", "lets every customer of the same issuer take your role."),),
)
ROLES_ANYWHERE: Final = _role(
    "role-anywhere",
    "No credential: use a role through IAM Roles Anywhere",
    "AWS can trust the certificate authority that your servers already use, and give a role for their certificates.",
    (
        "In IAM Roles Anywhere register your certificate authority as a trust anchor.",
        (
            "Make a role that `rolesanywhere.amazonaws.com` may take, limited to the subject of this server's "
            "certificate, and a profile that names it."
        ),
        _POLICY,
        "Install AWS's credential helper on the server and name it as `credential_process` in `~/.aws/config`.",
    ),
    (
        Link(
            "IAM Roles Anywhere",
            "https://docs.aws.amazon.com/rolesanywhere/latest/userguide/introduction.html",
            "IAM Roles Anywhere user guide",
        ),
    ),
    (
        Point(
            "The certificate's private key is the secret now.", "Keep it on the machine and let certificates end soon."
        ),
    ),
)
OUTSIDE: Final = _role(
    "role-outside",
    "No credential if you can: a role through OIDC or Roles Anywhere",
    "Software that can be changed can use the API, and there a role comes before a key, outside AWS too.",
    (
        "Find out what it can prove: OIDC tokens (build systems, other clouds, Kubernetes) or an X.509 certificate.",
        (
            "With OIDC register the issuer in IAM as an identity provider; with certificates register your certificate "
            "authority in IAM Roles Anywhere. Make a role for it."
        ),
        _POLICY,
    ),
    (*OIDC.links, *ROLES_ANYWHERE.links),
    (Point("If it can prove neither,", "change your answer: then a key that lasts is needed."),),
)
VENDOR: Final = _role(
    "role-vendor",
    "No credential: let the vendor take a role in your account",
    "The product can act in your account by a role, so that no key leaves your hands.",
    (
        (
            "Make a role whose trust policy names the vendor's AWS account and, as `sts:ExternalId`, the external ID "
            "that the product shows you."
        ),
        _POLICY,
        "Give the vendor the ARN of the role. Ask for proof that taking it without the external ID fails.",
    ),
    (
        Link(
            "Access for third parties with an external ID",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-user_externalid.html",
            _IAM,
        ),
    ),
    (
        Point(
            "The external ID is not a secret.",
            "It keeps other customers of the vendor from using your role, so it must be yours alone.",
        ),
    ),
)
