# Resident mail daemons, each of its own on a free port, which put a message into a Maildir.
# They can be started by root only.
package Bench::Daemons;

use strict;
use warnings;
use Bench::Measure;
use Exim;
use Exporter qw(import);
use PeerTest qw(free_port scratch_dir slurp spew start wait_for_port);
use Postfix ();

our @EXPORT = qw(daemons);

# Contestants without `under`: name, port, pid.
sub daemons {
	if ($> != 0) {
		without('messages a second of resident daemons: they want root');
		return ();
	}
	return (exim_daemon(), postfix_daemon(), dovecot_daemon());
}

sub exim_daemon {
	return () if !needs('exim4', 'exim4-daemon-light', 'messages a second of Exim');
	my $dir = exim_configured(<<'END');
smtp_accept_max = 0
smtp_accept_queue = 0
smtp_accept_queue_per_connection = 0
smtp_accept_reserve = 0
queue_run_max = 0
acl_smtp_rcpt = accept
acl_smtp_data = accept
host_lookup =
rfc1413_hosts =
log_selector = -all
begin routers
all:
  driver = accept
  transport = maildir
begin transports
maildir:
  driver = appendfile
  maildir_format
  directory = %s/maildir
  create_directory
  user = mail
  group = mail
END
	chmod 0755, $dir;
	mkdir "$dir/maildir" and chown scalar getpwnam('mail'), scalar getgrnam('mail'), "$dir/maildir";
	my $port = free_port();
	my $pid = start("$dir/output", 'exim4', '-C', "$dir/exim.conf", '-bdf', '-oX', "127.0.0.1.$port", '-oP', "$dir/pid");
	return ready('exim -bd', $port, $pid, "$dir/output");
}

sub postfix_daemon {
	my ($libraries) = grep { -x "$_/sbin/master" } '/usr/lib/postfix', '/usr/local/lib/postfix';
	if (!$libraries) {
		without('messages a second of Postfix: it is not there (Debian package postfix)');
		return ();
	}
	Postfix::need_postfix();
	my ($port) = Postfix::postfix(main => <<'END', master => "virtual unix - n n - - virtual\n",
virtual_mailbox_domains = example.com
virtual_mailbox_base = %s/mail
virtual_mailbox_maps = static:bob/
virtual_uid_maps = static:8
virtual_gid_maps = static:8
virtual_minimum_uid = 1
smtpd_relay_restrictions = reject_unauth_destination
smtpd_client_connection_rate_limit = 0
default_process_limit = 200
END
		before => sub { mkdir "$_[0]/mail"; chown 8, 8, "$_[0]/mail"; chmod 0755, $_[0] });
	return { name => 'postfix', port => $port };
}

sub dovecot_daemon {
	return () if !needs('dovecot', 'dovecot-core', 'messages a second of Dovecot LMTP');
	if (!-x '/usr/lib/dovecot/lmtp') {
		without('messages a second of Dovecot LMTP: lmtp is not installed (Debian package dovecot-lmtpd)');
		return ();
	}
	my $dir = scratch_dir();
	my $port = free_port();
	chmod 0755, $dir;
	mkdir "$dir/mail";
	chown 65534, 65534, "$dir/mail";
	spew("$dir/dovecot.conf", <<"END");
base_dir = $dir/run
state_dir = $dir/state
log_path = $dir/log
protocols = lmtp
ssl = no
mail_location = maildir:$dir/mail
mail_fsync = optimized
first_valid_uid = 1
lmtp_client_workarounds =
service lmtp {
	client_limit = 1
	process_limit = 200
	inet_listener lmtp {
		address = 127.0.0.1
		port = $port
	}
}
userdb {
	driver = static
	args = uid=65534 gid=65534 home=$dir/mail allow_all_users=yes
}
passdb {
	driver = static
	args = nopassword=y
}
END
	my $pid = start("$dir/output", 'dovecot', '-F', '-c', "$dir/dovecot.conf");
	return map { +{ %$_, lmtp => 1 } } ready('dovecot LMTP', $port, $pid, "$dir/output");
}

sub ready {
	my ($name, $port, $pid, $log) = @_;
	return { name => $name, port => $port, pid => $pid } if wait_for_port($port);
	without("messages a second of $name: it does not start: " . slurp($log));
	return ();
}

1;
