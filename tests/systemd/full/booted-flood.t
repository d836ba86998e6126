# More connections than a machine is set up for, and as many as it may be: the limits for a
# source and for all are kept, however many sources there are; nothing that a flood does closes the port; and
# with the limits of a drop-in, 500 sessions go on at the same time and all take mail.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use PeerTest;
use Booted;
use BootedMail;

plan skip_all => 'is for the plain build' if $ENV{SANITIZED};
need_machine();

my $root = installed_root();
my $mail = "$root/var/lib/mail-stdio";
boot();
inside_ok('mailstore add -n bob@example.com');
inside_ok('systemctl enable --now smtp-stdio.socket');

sub from_sources
{
	my ($sources, $each) = @_;
	return map { my $source = "127.1.0.$_"; map { connect_from($source, 25) } 1 .. $each } 1 .. $sources;
}

sub limit
{
	my ($name) = @_;
	return 0 + said('systemctl', 'show', '-p', $name, '--value', 'smtp-stdio.socket');
}

sub nothing_stays
{
	my ($subject) = @_;
	ok(until_true(sub { !instances('smtp-stdio') }, 120), 'no session stays');
	is(said('systemctl', 'is-active', 'smtp-stdio.socket'), "active\n", 'the socket is there');
	serves_as_ever($subject);
}

subtest '500 connections at once' => sub {
	my @all = from_sources(5, 100);
	my ($served, $closed) = outcomes(@all);
	is($served, 5 * limit('MaxConnectionsPerSource'), 'each source gets its share');
	is($served + $closed, 500, 'and what is past it is closed');
	close $_ for @all;
	nothing_stays('after 500');
};

subtest 'no more than the limit for all' => sub {
	my $most = limit('MaxConnections');
	my @all = from_sources(25, 20);
	my ($served, $closed) = outcomes(@all);
	is($served, $most, 'so many are served');
	is($closed, @all - $most, 'the others are closed at once');
	close $_ for @all;
	nothing_stays('after too many');
};

subtest 'a flood of connections that say nothing' => sub {
	for (1, 2) {
		my @all = from_sources(10, 100);
		close $_ for @all;
	}
	nothing_stays('after silence');
};

subtest '500 sessions at the same time' => sub {
	inside_ok("mkdir /etc/systemd/system/smtp-stdio.socket.d\n" .
		"printf '[Socket]\\nMaxConnections=500\\n' >/etc/systemd/system/smtp-stdio.socket.d/more.conf\n" .
		"systemctl daemon-reload && systemctl restart smtp-stdio.socket");
	my $before = stored($mail, 'bob@example.com');
	my @all = from_sources(25, 20);
	my ($served) = outcomes(@all);
	is($served, 500, 'all are greeted');
	my @said = map { talk($_, qr/\A\z/, message('one of 500')) } @all;
	is(scalar(grep { $_ =~ $taken } @said), 500, 'and take mail');
	is(stored($mail, 'bob@example.com') - $before, 500, 'which is there');
	nothing_stays('after all took mail');
};

my @ours = grep { ($_->{SYSLOG_IDENTIFIER} // '') eq 'smtp-stdio' } journal();
is(join("\n", map { $_->{MESSAGE} } grep { $_->{PRIORITY} < 6 } @ours), '', 'nothing is amiss in the journal');
power_off();
done_testing();
