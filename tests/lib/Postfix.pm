# A Postfix of a test's own: configuration, queue, log and port, all in a directory that
# goes away with the test.  It may be installed, or only unpacked.
package Postfix;

use strict;
use warnings;
use Exporter 'import';
use PeerTest;
use Test::More;

our @EXPORT = qw(need_postfix postfix postfix_relay postfix_said);

my $libraries;

# The whole test is for where Postfix is, and these programs (as for need()).
sub need_postfix
{
	($libraries) = grep { -x "$_/sbin/master" } '/usr/lib/postfix', '/usr/local/lib/postfix';
	$ENV{PATH} .= ":$libraries/sbin" if $libraries;
	$ENV{LD_LIBRARY_PATH} = $libraries if $libraries;
	need(root => 1, master => 'postfix', @_);
}

# Starts it.  Named arguments:
#   main      lines for main.cf, in which %s is its directory
#   master    lines for master.cf
#   before    sub ($dir): what has to be there before it starts
# Returns its port and the directory that has all that is its.
sub postfix
{
	my (%with) = @_;
	my $dir = scratch_dir();
	my $port = free_port();
	# Its own user and group need not be there: these are, in every Debian
	my $owner = getpwnam('mail');
	my $group = getgrnam('daemon');

	mkdir "$dir/$_" or die "$dir/$_: $!" for 'etc', 'queue', 'data', 'log', 'meta';
	for (qw(incoming active bounce corrupt defer deferred flush hold saved trace private maildrop public)) {
		mkdir "$dir/queue/$_", 0700;
		chown $owner, $group, "$dir/queue/$_";
	}
	chmod 0710, "$dir/queue/public";
	chmod 01730, "$dir/queue/maildrop";
	mkdir "$dir/queue/pid";
	chown $owner, -1, "$dir/data";
	my ($commands) = grep { -x "$_/postqueue" } split /:/, $ENV{PATH};
	spew("$dir/etc/main.cf", <<"END" . ($with{main} || '') =~ s/%s/$dir/gr);
compatibility_level = 3.6
queue_directory = $dir/queue
data_directory = $dir/data
daemon_directory = $libraries/sbin
shlib_directory = $libraries
meta_directory = $dir/meta
command_directory = $commands
import_environment = LD_LIBRARY_PATH MAIL_CONFIG
mail_owner = mail
setgid_group = daemon
maillog_file = $dir/log/mail
maillog_file_prefixes = $dir
myhostname = relay.example
mydestination =
alias_maps =
alias_database =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_client_connection_count_limit = 0
smtp_tls_security_level = none
END
	spew("$dir/etc/master.cf", <<"END" . ($with{master} || ''));
127.0.0.1:$port inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
error unix - - n - - error
retry unix - - n - - error
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
showq unix n - n - - showq
END
	$with{before}->($dir) if $with{before};
	start("$dir/log/master", "$libraries/sbin/master", '-c', "$dir/etc", '-d');
	wait_for_port($port) or BAIL_OUT('postfix: ' . join '', map { -e $_ ? slurp($_) : () } "$dir/log/master", "$dir/log/mail");
	return ($port, $dir);
}

# Starts one that knows some addresses of example.com, whose mail goes to $dir/mail/NAME, of
# whom full@ is full; and that takes mail for example.net from who has logged in, which it
# throws away.  Returns its port and directory, and the certificate that it has for TLS.
sub postfix_relay
{
	my $mail = getpwnam('mail');
	my ($key, $certificate) = certificate();
	my ($port, $dir) = postfix(before => \&mailboxes_and_login, main => <<"END", master => <<'MASTER');
virtual_mailbox_domains = example.com
virtual_mailbox_base = %s/mail
virtual_mailbox_maps = inline:{{bob\@example.com = bob/}, {alice\@example.com = alice/}, {büro\@example.com = buero/}, {full\@example.com = full/}}
virtual_uid_maps = static:$mail
virtual_gid_maps = static:$mail
virtual_minimum_uid = 1
transport_maps = inline:{{example.net = discard:}}
smtpd_recipient_restrictions = check_recipient_access inline:{{full\@example.com = 452 4.2.2 Full}}
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_tls_security_level = may
smtpd_tls_chain_files = $key
message_size_limit = 1000000
END
virtual unix - n n - - virtual
discard unix - - n - - discard
tlsmgr unix - - n 1000? 1 tlsmgr
MASTER
	return ($port, $dir, $certificate);
}

# Maildirs, and Dovecot to ask about passwords.
sub mailboxes_and_login
{
	my ($dir) = @_;
	my $mail = getpwnam('mail');

	mkdir "$dir/mail" and chown $mail, $mail, "$dir/mail" or die "$dir/mail: $!";
	mkdir "$dir/dovecot" or die "$dir/dovecot: $!";
	spew("$dir/dovecot/users", "bob\@example.com:secret\n");
	spew("$dir/dovecot/dovecot.conf", <<"END");
base_dir = $dir/dovecot/run
log_path = $dir/dovecot/log
protocols =
ssl = no
auth_mechanisms = scram-sha-256 plain login
passdb {
	driver = passwd-file
	args = scheme=PLAIN $dir/dovecot/users
}
service auth {
	unix_listener $dir/queue/private/auth {
		mode = 0666
	}
}
END
	start("$dir/dovecot/output", 'dovecot', '-F', '-c', "$dir/dovecot/dovecot.conf");
	until_true(sub { -S "$dir/queue/private/auth" })
		or BAIL_OUT(join '', map { -e $_ ? slurp($_) : '' } "$dir/dovecot/output", "$dir/dovecot/log");
}

# Waits until a line of its log matches.  Returns what the pattern's parentheses found.
sub postfix_said
{
	my ($dir, $pattern) = @_;
	my @found;

	until_true(sub { (@found) = (-e "$dir/log/mail" ? slurp("$dir/log/mail") : '') =~ $pattern })
		or diag(-e "$dir/log/mail" ? slurp("$dir/log/mail") : 'no log');
	return wantarray ? @found : $found[0];
}

1;
