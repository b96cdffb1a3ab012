"""Regions, hosts and ports, against botocore and against the hand-kept list of SMTP endpoints."""

import boto3
import pytest

from guidance import regions
from guidance.regions import Mode, Smtp

WITH_SMTP = [
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "ca-central-1",
    "sa-east-1",
    "eu-central-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eu-north-1",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "us-gov-west-1",
    "us-gov-east-1",
    "eu-south-1",
]
WITHOUT_SMTP = [
    "ap-southeast-3",
    "ap-southeast-5",
    "af-south-1",
    "eu-central-2",
    "me-south-1",
    "il-central-1",
    "ap-south-2",
]
NOT_KNOWN = ["me-central-1", "ca-west-1", "eusc-de-east-1"]
LISTED_BY_AWS_27 = [
    "af-south-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-5",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
]


@pytest.mark.parametrize("service", ["ses", "sesv2"])
def test_the_api_regions_are_those_of_botocore(service):
    session = boto3.session.Session()
    known = {
        name
        for partition in session.get_available_partitions()
        for name in session.get_available_regions(service, partition_name=partition)
    }
    assert set(regions.REGIONS) == known


def test_each_is_in_the_partition_that_botocore_says():
    session = boto3.session.Session()
    for partition in session.get_available_partitions():
        for name in session.get_available_regions("sesv2", partition_name=partition):
            assert regions.region(name).partition == partition


def test_the_regions_of_aws_endpoint_page_are_all_here_and_the_rest_says_that_it_is_newer():
    named = {*LISTED_BY_AWS_27, "us-gov-east-1", "us-gov-west-1", "eusc-de-east-1"}
    assert named <= set(regions.REGIONS)
    newer = {region.id for region in regions.REGIONS.values() if region.evidence is regions.NEW}
    assert newer == set(regions.REGIONS) - named


def test_smtp_exists_where_it_is_attested():
    assert {region.id for region in regions.smtp_regions()} == set(WITH_SMTP)
    assert {name for name in WITHOUT_SMTP if regions.region(name).smtp is Smtp.NO} == set(WITHOUT_SMTP)
    assert {name for name in NOT_KNOWN if regions.region(name).smtp is Smtp.UNKNOWN} == set(NOT_KNOWN)


def test_not_known_is_treated_as_api_only():
    for name in NOT_KNOWN:
        assert not regions.region(name).has_smtp
        assert regions.region(name).smtp_host == ""


def test_hosts():
    frankfurt = regions.region("eu-central-1")
    assert frankfurt.smtp_host == "email-smtp.eu-central-1.amazonaws.com"
    assert frankfurt.api_host == "email.eu-central-1.amazonaws.com"
    assert (frankfurt.smtp_fips_host, frankfurt.api_fips_host) == ("", "")
    assert regions.region("eusc-de-east-1").api_host == "email.eusc-de-east-1.amazonaws.eu"
    assert {r.id for r in regions.REGIONS.values() if r.smtp_fips_host} == {
        "us-east-1",
        "us-east-2",
        "us-west-2",
        "us-gov-west-1",
    }
    assert {r.id for r in regions.REGIONS.values() if r.api_fips_host} == {
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
        "ca-central-1",
        "us-gov-east-1",
        "us-gov-west-1",
    }


def test_ports():
    assert {port.number for port in regions.PORTS if port.mode is Mode.STARTTLS} == {25, 587, 2587}
    assert {port.number for port in regions.PORTS if port.mode is Mode.TLS} == {465, 2465}
    assert regions.DEFAULT_PORT.number == 587


def test_an_unknown_region_is_an_error():
    with pytest.raises(KeyError):
        regions.region("cn-north-1")


def test_every_region_stands_in_one_group():
    grouped = [region.id for _, members in regions.by_evidence() for region in members]
    assert sorted(grouped) == sorted(regions.REGIONS)
