# An OpenSMTPD of a test's own.  It has paths and users compiled in, so the test is among
# mounts of its own, where these are made.
package OpenSMTPD;

use strict;
use warnings;
use Exporter 'import';
use PeerTest;
use Test::More;

our @EXPORT = qw(need_opensmtpd opensmtpd);

my $program;

# To begin with: the whole test is for where OpenSMTPD is, and these programs (as for need()).
sub need_opensmtpd
{
	($program) = grep { -x } '/usr/local/lib/opensmtpd/smtpd', '/usr/sbin/smtpd';
	$ENV{PATH} .= ':' . ($program =~ s{/[^/]*$}{}r) if $program;
	need(root => 1, smtpd => 'opensmtpd', unshare => 'util-linux', @_);
	return if $ENV{IN_NAMESPACES};
	$ENV{IN_NAMESPACES} = 1;
	exec 'unshare', '--mount', $^X, $0;
}

# Starts it with these lines of configuration, in which %p is its port; returns that, and the
# file that has its log.
sub opensmtpd
{
	my ($configuration) = @_;
	my $dir = scratch_dir();
	my $port = free_port();
	my %users = (opensmtpd => 59001, opensmtpq => 59002);

	for my $file ('passwd', 'group') {
		spew("$dir/$file", slurp("/etc/$file") . join '', map {
			"$_:x:$users{$_}:" . ($file eq 'passwd' ? "$users{$_}::/var/lib/opensmtpd/empty:/usr/sbin/nologin" : '') . "\n"
		} sort keys %users);
		chmod 0644, "$dir/$file";
		system('mount', '--bind', "$dir/$file", "/etc/$file") == 0 or BAIL_OUT("/etc/$file");
	}
	for my $hidden ('/run', '/var/lib', '/var/spool') {
		system('mount', '-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', $hidden) == 0 or BAIL_OUT($hidden);
	}
	mkdir $_, 0711 or BAIL_OUT("$_: $!") for '/var/lib/opensmtpd', '/var/lib/opensmtpd/empty', '/var/spool/smtpd';
	chmod 0755, '/var/lib/opensmtpd', '/var/lib/opensmtpd/empty';
	chmod 0711, '/var/spool/smtpd';
	spew("$dir/smtpd.conf", $configuration =~ s/%p/$port/gr);
	chmod 0644, "$dir/smtpd.conf";
	start("$dir/log", $program, '-d', '-f', "$dir/smtpd.conf");
	wait_for_port($port) or BAIL_OUT('smtpd: ' . slurp("$dir/log"));
	return ($port, "$dir/log");
}

1;
