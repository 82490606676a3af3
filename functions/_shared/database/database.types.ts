// The types of the schema public, as supabase-js wants them.
// Written by `npm run generate` with `supabase gen types`. Do not edit.

export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  "public": {
    Tables: {
      "access_key_events": {
        Row: {
          "access_key_id": string;
          "actor_id": string | null;
          "created_at": string;
          "details": NonNullable<Json>;
          "event": string;
          "id": string;
          "organization_id": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "access_key_id": string;
          "actor_id"?: string | null;
          "created_at"?: string;
          "details"?: NonNullable<Json>;
          "event": string;
          "id"?: string;
          "organization_id": string;
          "user_id": string;
        };
        Update: {
          "access_key_id"?: string;
          "actor_id"?: string | null;
          "created_at"?: string;
          "details"?: NonNullable<Json>;
          "event"?: string;
          "id"?: string;
          "organization_id"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "access_key_events_access_key_id_fkey";
            columns: ["access_key_id"];
            isOneToOne: false;
            referencedRelation: "access_keys";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "access_key_events_actor_id_fkey";
            columns: ["actor_id"];
            isOneToOne: false;
            referencedRelation: "ai_usage_stats";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "access_key_events_actor_id_fkey";
            columns: ["actor_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "access_key_events_actor_id_fkey";
            columns: ["actor_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "access_key_events_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "access_key_events_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "teams";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "access_key_events_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "ai_usage_stats";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "access_key_events_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "access_key_events_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "access_keys": {
        Row: {
          "agent_ids": (string)[] | null;
          "created_at": string;
          "expires_at": string | null;
          "id": string;
          "last_four": string;
          "last_used_at": string | null;
          "name": string;
          "organization_id": string;
          "prefix": string;
          "requests_per_minute": number | null;
          "revoked_at": string | null;
          "rotated_at": string | null;
          "scopes": (string)[];
          "updated_at": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "agent_ids"?: (string)[] | null;
          "created_at"?: string;
          "expires_at"?: string | null;
          "id"?: string;
          "last_four": string;
          "last_used_at"?: string | null;
          "name": string;
          "organization_id": string;
          "prefix": string;
          "requests_per_minute"?: number | null;
          "revoked_at"?: string | null;
          "rotated_at"?: string | null;
          "scopes"?: (string)[];
          "updated_at"?: string;
          "user_id": string;
        };
        Update: {
          "agent_ids"?: (string)[] | null;
          "created_at"?: string;
          "expires_at"?: string | null;
          "id"?: string;
          "last_four"?: string;
          "last_used_at"?: string | null;
          "name"?: string;
          "organization_id"?: string;
          "prefix"?: string;
          "requests_per_minute"?: number | null;
          "revoked_at"?: string | null;
          "rotated_at"?: string | null;
          "scopes"?: (string)[];
          "updated_at"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "access_keys_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "access_keys_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "teams";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "access_keys_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "ai_usage_stats";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "access_keys_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "access_keys_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "agent_executions": {
        Row: {
          "agent_id": string | null;
          "api_key_id": string | null;
          "attempt": number;
          "cache_write_tokens": number;
          "cached_input_tokens": number;
          "completed_at": string | null;
          "cost_breakdown": Json | null;
          "counts_against_agent": boolean;
          "created_at": string;
          "error_code": string | null;
          "error_message": string | null;
          "first_byte_ms": number | null;
          "id": string;
          "input_tokens": number;
          "interaction_id": string;
          "latency_ms": number | null;
          "output_tokens": number;
          "price_id": string | null;
          "reasoning_tokens": number;
          "service_id": string | null;
          "started_at": string;
          "status": string;
          "total_cost": number | null;
          "upstream_status": number | null;
          "usage_details": Json | null;
          "usage_is_estimated": boolean;
          "vendor_id": string | null;
          "agents": {
            "activity_score": number;
            "capabilities": NonNullable<Json>;
            "config": NonNullable<Json>;
            "config_json": Json | null;
            "created_at": string;
            "created_by": string | null;
            "deployment_config": NonNullable<Json>;
            "description": string | null;
            "enabled": boolean;
            "id": string;
            "is_active": boolean | null;
            "is_favorite": boolean;
            "is_platform": boolean;
            "is_public": boolean;
            "is_published": boolean;
            "knowledge_base_ids": (string)[];
            "last_used_at": string | null;
            "llm_model": string | null;
            "llm_provider": string | null;
            "max_tokens": number | null;
            "model_name": string | null;
            "name": string;
            "notes": string | null;
            "organization_id": string | null;
            "security": NonNullable<Json>;
            "service_id": string | null;
            "speech_processing": NonNullable<Json>;
            "status": string;
            "system_prompt": string | null;
            "tags": (string)[];
            "team_id": string | null;
            "temperature": number | null;
            "type": string;
            "updated_at": string;
            "usage_count": number;
            "vendor_id": string | null;
            "version": number;
            "voice_id": string | null;
            "voice_provider": string | null;
            "voice_settings": NonNullable<Json>;
          } | null;
          "service_prices": {
            "cache_write_1h_rate": number | null;
            "cache_write_rate": number | null;
            "cached_input_rate": number | null;
            "created_at": string;
            "id": string;
            "input_rate": number;
            "min_input_tokens": number;
            "multiplier": number;
            "output_rate": number;
            "reasoning_rate": number | null;
            "request_rate": number;
            "service_id": string;
            "service_tier": string;
            "source": string | null;
            "unit_increment": number | null;
            "unit_minimum": number | null;
            "unit_rates": NonNullable<Json>;
            "valid_during": unknown;
            "verified_on": string | null;
          } | null;
          "vendor_services": {
            "context_window": number | null;
            "created_at": string;
            "description": string | null;
            "display_name": string;
            "id": string;
            "image_tokens": number | null;
            "is_active": boolean;
            "max_output_tokens": number | null;
            "replaced_by": string | null;
            "retired_on": string | null;
            "service_kind": string;
            "service_name": string;
            "updated_at": string;
            "vendor_id": string;
            "voices": (string)[] | null;
          } | null;
          "vendors": {
            "api_format": string;
            "auth_header": string;
            "auth_scheme": string | null;
            "auth_type": string;
            "base_url": string | null;
            "cancel_stops_billing": boolean;
            "created_at": string;
            "description": string | null;
            "extra_fields": (string)[];
            "id": string;
            "instructions_first": boolean;
            "is_active": boolean;
            "key_pattern": string | null;
            "max_tokens_field": string;
            "metadata_needs_store": boolean;
            "name": string;
            "probe_by_call": boolean;
            "probe_path": string | null;
            "takes_developer_role": boolean;
            "takes_parallel_tool_calls": boolean;
            "takes_stream_options": boolean;
            "updated_at": string;
            "usage_path": string | null;
          } | null;
        };
        ComputedFields: "agents" | "service_prices" | "vendor_services" | "vendors";
        Insert: {
          "agent_id"?: string | null;
          "api_key_id"?: string | null;
          "attempt"?: number;
          "cache_write_tokens"?: number;
          "cached_input_tokens"?: number;
          "completed_at"?: string | null;
          "cost_breakdown"?: Json | null;
          "counts_against_agent"?: boolean;
          "created_at"?: string;
          "error_code"?: string | null;
          "error_message"?: string | null;
          "first_byte_ms"?: number | null;
          "id"?: string;
          "input_tokens"?: number;
          "interaction_id": string;
          "latency_ms"?: number | null;
          "output_tokens"?: number;
          "price_id"?: string | null;
          "reasoning_tokens"?: number;
          "service_id"?: string | null;
          "started_at"?: string;
          "status": string;
          "total_cost"?: number | null;
          "upstream_status"?: number | null;
          "usage_details"?: Json | null;
          "usage_is_estimated"?: boolean;
          "vendor_id"?: string | null;
        };
        Update: {
          "agent_id"?: string | null;
          "api_key_id"?: string | null;
          "attempt"?: number;
          "cache_write_tokens"?: number;
          "cached_input_tokens"?: number;
          "completed_at"?: string | null;
          "cost_breakdown"?: Json | null;
          "counts_against_agent"?: boolean;
          "created_at"?: string;
          "error_code"?: string | null;
          "error_message"?: string | null;
          "first_byte_ms"?: number | null;
          "id"?: string;
          "input_tokens"?: number;
          "interaction_id"?: string;
          "latency_ms"?: number | null;
          "output_tokens"?: number;
          "price_id"?: string | null;
          "reasoning_tokens"?: number;
          "service_id"?: string | null;
          "started_at"?: string;
          "status"?: string;
          "total_cost"?: number | null;
          "upstream_status"?: number | null;
          "usage_details"?: Json | null;
          "usage_is_estimated"?: boolean;
          "vendor_id"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "agent_executions_interaction_id_fkey";
            columns: ["interaction_id"];
            isOneToOne: false;
            referencedRelation: "ai_interactions";
            referencedColumns: ["id"];
          },
        ];
      };
      "agent_feature_mappings": {
        Row: {
          "agent_id": string;
          "created_at": string;
          "feature_id": string;
          "id": string;
          "is_primary": boolean;
          "user_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "agent_id": string;
          "created_at"?: string;
          "feature_id": string;
          "id"?: string;
          "is_primary"?: boolean;
          "user_id"?: string | null;
        };
        Update: {
          "agent_id"?: string;
          "created_at"?: string;
          "feature_id"?: string;
          "id"?: string;
          "is_primary"?: boolean;
          "user_id"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "agent_feature_mappings_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agent_dashboard";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agent_feature_mappings_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agent_summary";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agent_feature_mappings_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agent_feature_mappings_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "bots";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agent_feature_mappings_feature_id_fkey";
            columns: ["feature_id"];
            isOneToOne: false;
            referencedRelation: "agent_features";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agent_feature_mappings_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "ai_usage_stats";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "agent_feature_mappings_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agent_feature_mappings_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "agent_features": {
        Row: {
          "category": string | null;
          "created_at": string;
          "description": string | null;
          "icon": string | null;
          "id": string;
          "is_active": boolean;
          "name": string;
          "sort_order": number;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "category"?: string | null;
          "created_at"?: string;
          "description"?: string | null;
          "icon"?: string | null;
          "id": string;
          "is_active"?: boolean;
          "name": string;
          "sort_order"?: number;
          "updated_at"?: string;
        };
        Update: {
          "category"?: string | null;
          "created_at"?: string;
          "description"?: string | null;
          "icon"?: string | null;
          "id"?: string;
          "is_active"?: boolean;
          "name"?: string;
          "sort_order"?: number;
          "updated_at"?: string;
        };
        Relationships: [];
      };
      "agent_health": {
        Row: {
          "agent_id": string;
          "circuit_opened_at": string | null;
          "circuit_opens": number;
          "circuit_retry_at": string | null;
          "circuit_state": string;
          "consecutive_failures": number;
          "created_at": string;
          "id": string;
          "is_alerted": boolean;
          "last_check": string | null;
          "latency_ms": number | null;
          "status": string;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "agent_id": string;
          "circuit_opened_at"?: string | null;
          "circuit_opens"?: number;
          "circuit_retry_at"?: string | null;
          "circuit_state"?: string;
          "consecutive_failures"?: number;
          "created_at"?: string;
          "id"?: string;
          "is_alerted"?: boolean;
          "last_check"?: string | null;
          "latency_ms"?: number | null;
          "status"?: string;
          "updated_at"?: string;
        };
        Update: {
          "agent_id"?: string;
          "circuit_opened_at"?: string | null;
          "circuit_opens"?: number;
          "circuit_retry_at"?: string | null;
          "circuit_state"?: string;
          "consecutive_failures"?: number;
          "created_at"?: string;
          "id"?: string;
          "is_alerted"?: boolean;
          "last_check"?: string | null;
          "latency_ms"?: number | null;
          "status"?: string;
          "updated_at"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "agent_health_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: true;
            referencedRelation: "agent_dashboard";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agent_health_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: true;
            referencedRelation: "agent_summary";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agent_health_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: true;
            referencedRelation: "agents";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agent_health_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: true;
            referencedRelation: "bots";
            referencedColumns: ["id"];
          },
        ];
      };
      "agent_health_checks": {
        Row: {
          "agent_id": string;
          "created_at": string;
          "error_code": string | null;
          "error_message": string | null;
          "id": string;
          "latency_ms": number | null;
          "status": string;
          "total_cost": number | null;
        };
        ComputedFields: never;
        Insert: {
          "agent_id": string;
          "created_at"?: string;
          "error_code"?: string | null;
          "error_message"?: string | null;
          "id"?: string;
          "latency_ms"?: number | null;
          "status": string;
          "total_cost"?: number | null;
        };
        Update: {
          "agent_id"?: string;
          "created_at"?: string;
          "error_code"?: string | null;
          "error_message"?: string | null;
          "id"?: string;
          "latency_ms"?: number | null;
          "status"?: string;
          "total_cost"?: number | null;
        };
        Relationships: [
          {
            foreignKeyName: "agent_health_checks_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agent_dashboard";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agent_health_checks_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agent_summary";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agent_health_checks_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agent_health_checks_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "bots";
            referencedColumns: ["id"];
          },
        ];
      };
      "agent_metrics": {
        Row: {
          "agent_id": string;
          "created_at": string;
          "id": string;
          "metadata": NonNullable<Json>;
          "metric_type": string;
          "recorded_at": string;
          "unit": string | null;
          "value": number;
        };
        ComputedFields: never;
        Insert: {
          "agent_id": string;
          "created_at"?: string;
          "id"?: string;
          "metadata"?: NonNullable<Json>;
          "metric_type": string;
          "recorded_at"?: string;
          "unit"?: string | null;
          "value": number;
        };
        Update: {
          "agent_id"?: string;
          "created_at"?: string;
          "id"?: string;
          "metadata"?: NonNullable<Json>;
          "metric_type"?: string;
          "recorded_at"?: string;
          "unit"?: string | null;
          "value"?: number;
        };
        Relationships: [
          {
            foreignKeyName: "agent_metrics_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agent_dashboard";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agent_metrics_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agent_summary";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agent_metrics_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agent_metrics_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "bots";
            referencedColumns: ["id"];
          },
        ];
      };
      "agent_templates": {
        Row: {
          "created_at": string;
          "created_by": string | null;
          "default_config": NonNullable<Json>;
          "description": string | null;
          "id": string;
          "is_public": boolean;
          "name": string;
          "type": string;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "created_by"?: string | null;
          "default_config"?: NonNullable<Json>;
          "description"?: string | null;
          "id"?: string;
          "is_public"?: boolean;
          "name": string;
          "type": string;
          "updated_at"?: string;
        };
        Update: {
          "created_at"?: string;
          "created_by"?: string | null;
          "default_config"?: NonNullable<Json>;
          "description"?: string | null;
          "id"?: string;
          "is_public"?: boolean;
          "name"?: string;
          "type"?: string;
          "updated_at"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "agent_templates_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "ai_usage_stats";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "agent_templates_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agent_templates_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "agent_thoughts": {
        Row: {
          "agent_id": string;
          "confidence_score": number | null;
          "content": string;
          "created_at": string;
          "execution_id": string | null;
          "id": string;
          "metadata": NonNullable<Json>;
          "node_id": string;
          "node_type": string;
          "parent_node_id": string | null;
          "processing_time_ms": number | null;
          "request_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "agent_id": string;
          "confidence_score"?: number | null;
          "content": string;
          "created_at"?: string;
          "execution_id"?: string | null;
          "id"?: string;
          "metadata"?: NonNullable<Json>;
          "node_id": string;
          "node_type": string;
          "parent_node_id"?: string | null;
          "processing_time_ms"?: number | null;
          "request_id"?: string | null;
        };
        Update: {
          "agent_id"?: string;
          "confidence_score"?: number | null;
          "content"?: string;
          "created_at"?: string;
          "execution_id"?: string | null;
          "id"?: string;
          "metadata"?: NonNullable<Json>;
          "node_id"?: string;
          "node_type"?: string;
          "parent_node_id"?: string | null;
          "processing_time_ms"?: number | null;
          "request_id"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "agent_thoughts_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agent_dashboard";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agent_thoughts_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agent_summary";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agent_thoughts_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agent_thoughts_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "bots";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agent_thoughts_execution_id_fkey";
            columns: ["execution_id"];
            isOneToOne: false;
            referencedRelation: "workflow_executions";
            referencedColumns: ["id"];
          },
        ];
      };
      "agent_versions": {
        Row: {
          "agent_id": string;
          "configuration": NonNullable<Json>;
          "created_at": string;
          "created_by": string | null;
          "title": string | null;
          "version": number;
        };
        ComputedFields: never;
        Insert: {
          "agent_id": string;
          "configuration": NonNullable<Json>;
          "created_at"?: string;
          "created_by"?: string | null;
          "title"?: string | null;
          "version": number;
        };
        Update: {
          "agent_id"?: string;
          "configuration"?: NonNullable<Json>;
          "created_at"?: string;
          "created_by"?: string | null;
          "title"?: string | null;
          "version"?: number;
        };
        Relationships: [
          {
            foreignKeyName: "agent_versions_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agent_dashboard";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agent_versions_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agent_summary";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agent_versions_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agent_versions_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "bots";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agent_versions_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "ai_usage_stats";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "agent_versions_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agent_versions_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "agents": {
        Row: {
          "activity_score": number;
          "capabilities": NonNullable<Json>;
          "config": NonNullable<Json>;
          "config_json": Json | null;
          "created_at": string;
          "created_by": string | null;
          "deployment_config": NonNullable<Json>;
          "description": string | null;
          "enabled": boolean;
          "id": string;
          "is_active": boolean | null;
          "is_favorite": boolean;
          "is_platform": boolean;
          "is_public": boolean;
          "is_published": boolean;
          "knowledge_base_ids": (string)[];
          "last_used_at": string | null;
          "llm_model": string | null;
          "llm_provider": string | null;
          "max_tokens": number | null;
          "model_name": string | null;
          "name": string;
          "notes": string | null;
          "organization_id": string | null;
          "security": NonNullable<Json>;
          "service_id": string | null;
          "speech_processing": NonNullable<Json>;
          "status": string;
          "system_prompt": string | null;
          "tags": (string)[];
          "team_id": string | null;
          "temperature": number | null;
          "type": string;
          "updated_at": string;
          "usage_count": number;
          "vendor_id": string | null;
          "version": number;
          "voice_id": string | null;
          "voice_provider": string | null;
          "voice_settings": NonNullable<Json>;
          "ai_interactions": {
            "access_key_id": string | null;
            "agent_id": string | null;
            "cache_write_tokens": number;
            "cached_input_tokens": number;
            "content_preview": string | null;
            "cost_breakdown": Json | null;
            "created_at": string;
            "description": string | null;
            "duration_minutes": number | null;
            "ended_at": string | null;
            "error_code": string | null;
            "error_message": string | null;
            "external_id": string | null;
            "external_link": string | null;
            "external_metadata": NonNullable<Json>;
            "feedback_notes": string | null;
            "finish_reason": string | null;
            "first_token_ms": number | null;
            "full_content": string | null;
            "id": string;
            "input_tokens": number;
            "interaction_type_id": string;
            "keywords": (string)[];
            "latency_ms": number | null;
            "model_id": string | null;
            "model_name": string | null;
            "organization_id": string;
            "output_tokens": number;
            "price_id": string | null;
            "provider_cost": number | null;
            "reasoning_tokens": number;
            "request_id": string | null;
            "satisfaction_rating": number | null;
            "service_id": string | null;
            "session_id": string | null;
            "source": string;
            "started_at": string;
            "status": string;
            "tags": (string)[];
            "title": string;
            "total_cost": number | null;
            "turn_state": string | null;
            "updated_at": string;
            "usage_is_estimated": boolean;
            "usefulness_rating": number | null;
            "user_id": string | null;
            "vendor_id": string | null;
          } | null;
          "last_activity": string | null;
        };
        ComputedFields: "ai_interactions" | "last_activity";
        Insert: {
          "activity_score"?: number;
          "capabilities"?: NonNullable<Json>;
          "config"?: NonNullable<Json>;
          "config_json"?: Json | null;
          "created_at"?: string;
          "created_by"?: string | null;
          "deployment_config"?: NonNullable<Json>;
          "description"?: string | null;
          "enabled"?: boolean;
          "id"?: string;
          "is_active"?: boolean | null;
          "is_favorite"?: boolean;
          "is_platform"?: boolean;
          "is_public"?: boolean;
          "is_published"?: boolean;
          "knowledge_base_ids"?: (string)[];
          "last_used_at"?: string | null;
          "llm_model"?: string | null;
          "llm_provider"?: string | null;
          "max_tokens"?: number | null;
          "model_name"?: string | null;
          "name": string;
          "notes"?: string | null;
          "organization_id"?: string | null;
          "security"?: NonNullable<Json>;
          "service_id"?: string | null;
          "speech_processing"?: NonNullable<Json>;
          "status"?: string;
          "system_prompt"?: string | null;
          "tags"?: (string)[];
          "team_id"?: string | null;
          "temperature"?: number | null;
          "type"?: string;
          "updated_at"?: string;
          "usage_count"?: number;
          "vendor_id"?: string | null;
          "version"?: number;
          "voice_id"?: string | null;
          "voice_provider"?: string | null;
          "voice_settings"?: NonNullable<Json>;
        };
        Update: {
          "activity_score"?: number;
          "capabilities"?: NonNullable<Json>;
          "config"?: NonNullable<Json>;
          "config_json"?: Json | null;
          "created_at"?: string;
          "created_by"?: string | null;
          "deployment_config"?: NonNullable<Json>;
          "description"?: string | null;
          "enabled"?: boolean;
          "id"?: string;
          "is_active"?: boolean | null;
          "is_favorite"?: boolean;
          "is_platform"?: boolean;
          "is_public"?: boolean;
          "is_published"?: boolean;
          "knowledge_base_ids"?: (string)[];
          "last_used_at"?: string | null;
          "llm_model"?: string | null;
          "llm_provider"?: string | null;
          "max_tokens"?: number | null;
          "model_name"?: string | null;
          "name"?: string;
          "notes"?: string | null;
          "organization_id"?: string | null;
          "security"?: NonNullable<Json>;
          "service_id"?: string | null;
          "speech_processing"?: NonNullable<Json>;
          "status"?: string;
          "system_prompt"?: string | null;
          "tags"?: (string)[];
          "team_id"?: string | null;
          "temperature"?: number | null;
          "type"?: string;
          "updated_at"?: string;
          "usage_count"?: number;
          "vendor_id"?: string | null;
          "version"?: number;
          "voice_id"?: string | null;
          "voice_provider"?: string | null;
          "voice_settings"?: NonNullable<Json>;
        };
        Relationships: [
          {
            foreignKeyName: "agent_service_is_its_vendors";
            columns: ["vendor_id", "service_id"];
            isOneToOne: false;
            referencedRelation: "vendor_services";
            referencedColumns: ["vendor_id", "id"];
          },
          {
            foreignKeyName: "agents_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "ai_usage_stats";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "agents_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agents_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agents_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agents_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "teams";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agents_service_id_fkey";
            columns: ["service_id"];
            isOneToOne: false;
            referencedRelation: "vendor_services";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agents_vendor_id_fkey";
            columns: ["vendor_id"];
            isOneToOne: false;
            referencedRelation: "vendors";
            referencedColumns: ["id"];
          },
        ];
      };
      "ai_agent_configs": {
        Row: {
          "agent_id": string;
          "config_key": string;
          "config_type": string;
          "config_value": NonNullable<Json>;
          "created_at": string;
          "description": string | null;
          "id": string;
          "is_encrypted": boolean;
          "updated_at": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "agent_id": string;
          "config_key": string;
          "config_type"?: string;
          "config_value": NonNullable<Json>;
          "created_at"?: string;
          "description"?: string | null;
          "id"?: string;
          "is_encrypted"?: boolean;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Update: {
          "agent_id"?: string;
          "config_key"?: string;
          "config_type"?: string;
          "config_value"?: NonNullable<Json>;
          "created_at"?: string;
          "description"?: string | null;
          "id"?: string;
          "is_encrypted"?: boolean;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "ai_agent_configs_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agent_dashboard";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "ai_agent_configs_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agent_summary";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "ai_agent_configs_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "ai_agent_configs_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "bots";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "ai_agent_configs_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "ai_usage_stats";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "ai_agent_configs_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "ai_agent_configs_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "ai_interactions": {
        Row: {
          "access_key_id": string | null;
          "agent_id": string | null;
          "cache_write_tokens": number;
          "cached_input_tokens": number;
          "content_preview": string | null;
          "cost_breakdown": Json | null;
          "created_at": string;
          "description": string | null;
          "duration_minutes": number | null;
          "ended_at": string | null;
          "error_code": string | null;
          "error_message": string | null;
          "external_id": string | null;
          "external_link": string | null;
          "external_metadata": NonNullable<Json>;
          "feedback_notes": string | null;
          "finish_reason": string | null;
          "first_token_ms": number | null;
          "full_content": string | null;
          "id": string;
          "input_tokens": number;
          "interaction_type_id": string;
          "keywords": (string)[];
          "latency_ms": number | null;
          "model_id": string | null;
          "model_name": string | null;
          "organization_id": string;
          "output_tokens": number;
          "price_id": string | null;
          "provider_cost": number | null;
          "reasoning_tokens": number;
          "request_id": string | null;
          "satisfaction_rating": number | null;
          "service_id": string | null;
          "session_id": string | null;
          "source": string;
          "started_at": string;
          "status": string;
          "tags": (string)[];
          "title": string;
          "total_cost": number | null;
          "turn_state": string | null;
          "updated_at": string;
          "usage_is_estimated": boolean;
          "usefulness_rating": number | null;
          "user_id": string | null;
          "vendor_id": string | null;
          "agents": {
            "activity_score": number;
            "capabilities": NonNullable<Json>;
            "config": NonNullable<Json>;
            "config_json": Json | null;
            "created_at": string;
            "created_by": string | null;
            "deployment_config": NonNullable<Json>;
            "description": string | null;
            "enabled": boolean;
            "id": string;
            "is_active": boolean | null;
            "is_favorite": boolean;
            "is_platform": boolean;
            "is_public": boolean;
            "is_published": boolean;
            "knowledge_base_ids": (string)[];
            "last_used_at": string | null;
            "llm_model": string | null;
            "llm_provider": string | null;
            "max_tokens": number | null;
            "model_name": string | null;
            "name": string;
            "notes": string | null;
            "organization_id": string | null;
            "security": NonNullable<Json>;
            "service_id": string | null;
            "speech_processing": NonNullable<Json>;
            "status": string;
            "system_prompt": string | null;
            "tags": (string)[];
            "team_id": string | null;
            "temperature": number | null;
            "type": string;
            "updated_at": string;
            "usage_count": number;
            "vendor_id": string | null;
            "version": number;
            "voice_id": string | null;
            "voice_provider": string | null;
            "voice_settings": NonNullable<Json>;
          } | null;
          "chat_messages": {
            "audio_duration_ms": number | null;
            "audio_path": string | null;
            "audio_url": string | null;
            "content": string;
            "content_fingerprint": string | null;
            "content_parts": Json | null;
            "continuation": Json | null;
            "created_at": string;
            "finish_reason": string | null;
            "history_fingerprint": string | null;
            "id": string;
            "interaction_id": string | null;
            "latency_ms": number | null;
            "model_used": string | null;
            "name": string | null;
            "role": string;
            "seq": number;
            "session_id": string;
            "status": string;
            "tokens_in": number | null;
            "tokens_out": number | null;
            "tokens_used": number | null;
            "tool_call_id": string | null;
            "tool_calls": Json | null;
          } | null;
          "interaction_types": {
            "category": string | null;
            "color": string | null;
            "created_at": string;
            "description": string | null;
            "icon": string | null;
            "id": string;
            "is_active": boolean;
            "name": string;
            "sort_order": number;
            "updated_at": string;
          } | null;
          "models": {
            "agent_id": string;
            "config": NonNullable<Json>;
            "created_at": string;
            "display_name": string | null;
            "enabled": boolean;
            "id": string;
            "is_default": boolean;
            "model_id": string | null;
            "name": string;
            "provider": string | null;
            "service_id": string | null;
            "updated_at": string;
          } | null;
          "service_prices": {
            "cache_write_1h_rate": number | null;
            "cache_write_rate": number | null;
            "cached_input_rate": number | null;
            "created_at": string;
            "id": string;
            "input_rate": number;
            "min_input_tokens": number;
            "multiplier": number;
            "output_rate": number;
            "reasoning_rate": number | null;
            "request_rate": number;
            "service_id": string;
            "service_tier": string;
            "source": string | null;
            "unit_increment": number | null;
            "unit_minimum": number | null;
            "unit_rates": NonNullable<Json>;
            "valid_during": unknown;
            "verified_on": string | null;
          } | null;
          "vendor_services": {
            "context_window": number | null;
            "created_at": string;
            "description": string | null;
            "display_name": string;
            "id": string;
            "image_tokens": number | null;
            "is_active": boolean;
            "max_output_tokens": number | null;
            "replaced_by": string | null;
            "retired_on": string | null;
            "service_kind": string;
            "service_name": string;
            "updated_at": string;
            "vendor_id": string;
            "voices": (string)[] | null;
          } | null;
          "vendors": {
            "api_format": string;
            "auth_header": string;
            "auth_scheme": string | null;
            "auth_type": string;
            "base_url": string | null;
            "cancel_stops_billing": boolean;
            "created_at": string;
            "description": string | null;
            "extra_fields": (string)[];
            "id": string;
            "instructions_first": boolean;
            "is_active": boolean;
            "key_pattern": string | null;
            "max_tokens_field": string;
            "metadata_needs_store": boolean;
            "name": string;
            "probe_by_call": boolean;
            "probe_path": string | null;
            "takes_developer_role": boolean;
            "takes_parallel_tool_calls": boolean;
            "takes_stream_options": boolean;
            "updated_at": string;
            "usage_path": string | null;
          } | null;
        };
        ComputedFields:
          | "agents"
          | "chat_messages"
          | "interaction_types"
          | "models"
          | "service_prices"
          | "vendor_services"
          | "vendors";
        Insert: {
          "access_key_id"?: string | null;
          "agent_id"?: string | null;
          "cache_write_tokens"?: number;
          "cached_input_tokens"?: number;
          "content_preview"?: string | null;
          "cost_breakdown"?: Json | null;
          "created_at"?: string;
          "description"?: string | null;
          "duration_minutes"?: number | null;
          "ended_at"?: string | null;
          "error_code"?: string | null;
          "error_message"?: string | null;
          "external_id"?: string | null;
          "external_link"?: string | null;
          "external_metadata"?: NonNullable<Json>;
          "feedback_notes"?: string | null;
          "finish_reason"?: string | null;
          "first_token_ms"?: number | null;
          "full_content"?: string | null;
          "id"?: string;
          "input_tokens"?: number;
          "interaction_type_id"?: string;
          "keywords"?: (string)[];
          "latency_ms"?: number | null;
          "model_id"?: string | null;
          "model_name"?: string | null;
          "organization_id": string;
          "output_tokens"?: number;
          "price_id"?: string | null;
          "provider_cost"?: number | null;
          "reasoning_tokens"?: number;
          "request_id"?: string | null;
          "satisfaction_rating"?: number | null;
          "service_id"?: string | null;
          "session_id"?: string | null;
          "source"?: string;
          "started_at"?: string;
          "status"?: string;
          "tags"?: (string)[];
          "title": string;
          "total_cost"?: number | null;
          "turn_state"?: string | null;
          "updated_at"?: string;
          "usage_is_estimated"?: boolean;
          "usefulness_rating"?: number | null;
          "user_id"?: string | null;
          "vendor_id"?: string | null;
        };
        Update: {
          "access_key_id"?: string | null;
          "agent_id"?: string | null;
          "cache_write_tokens"?: number;
          "cached_input_tokens"?: number;
          "content_preview"?: string | null;
          "cost_breakdown"?: Json | null;
          "created_at"?: string;
          "description"?: string | null;
          "duration_minutes"?: number | null;
          "ended_at"?: string | null;
          "error_code"?: string | null;
          "error_message"?: string | null;
          "external_id"?: string | null;
          "external_link"?: string | null;
          "external_metadata"?: NonNullable<Json>;
          "feedback_notes"?: string | null;
          "finish_reason"?: string | null;
          "first_token_ms"?: number | null;
          "full_content"?: string | null;
          "id"?: string;
          "input_tokens"?: number;
          "interaction_type_id"?: string;
          "keywords"?: (string)[];
          "latency_ms"?: number | null;
          "model_id"?: string | null;
          "model_name"?: string | null;
          "organization_id"?: string;
          "output_tokens"?: number;
          "price_id"?: string | null;
          "provider_cost"?: number | null;
          "reasoning_tokens"?: number;
          "request_id"?: string | null;
          "satisfaction_rating"?: number | null;
          "service_id"?: string | null;
          "session_id"?: string | null;
          "source"?: string;
          "started_at"?: string;
          "status"?: string;
          "tags"?: (string)[];
          "title"?: string;
          "total_cost"?: number | null;
          "turn_state"?: string | null;
          "updated_at"?: string;
          "usage_is_estimated"?: boolean;
          "usefulness_rating"?: number | null;
          "user_id"?: string | null;
          "vendor_id"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "ai_interactions_access_key_id_fkey";
            columns: ["access_key_id"];
            isOneToOne: false;
            referencedRelation: "access_keys";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "ai_interactions_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "ai_interactions_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "teams";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "ai_interactions_session_id_fkey";
            columns: ["session_id"];
            isOneToOne: false;
            referencedRelation: "agent_sessions";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "ai_interactions_session_id_fkey";
            columns: ["session_id"];
            isOneToOne: false;
            referencedRelation: "chat_sessions";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "ai_interactions_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "ai_usage_stats";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "ai_interactions_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "ai_interactions_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "api_key_events": {
        Row: {
          "actor_id": string | null;
          "created_at": string;
          "details": NonNullable<Json>;
          "event": string;
          "id": string;
          "key_id": string;
          "organization_id": string | null;
          "user_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "actor_id"?: string | null;
          "created_at"?: string;
          "details"?: NonNullable<Json>;
          "event": string;
          "id"?: string;
          "key_id": string;
          "organization_id"?: string | null;
          "user_id"?: string | null;
        };
        Update: {
          "actor_id"?: string | null;
          "created_at"?: string;
          "details"?: NonNullable<Json>;
          "event"?: string;
          "id"?: string;
          "key_id"?: string;
          "organization_id"?: string | null;
          "user_id"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "api_key_events_actor_id_fkey";
            columns: ["actor_id"];
            isOneToOne: false;
            referencedRelation: "ai_usage_stats";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "api_key_events_actor_id_fkey";
            columns: ["actor_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "api_key_events_actor_id_fkey";
            columns: ["actor_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "api_key_events_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "api_key_events_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "teams";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "api_key_events_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "ai_usage_stats";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "api_key_events_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "api_key_events_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "api_usage": {
        Row: {
          "agent_id": string | null;
          "cost_usd": number | null;
          "created_at": string;
          "endpoint": string;
          "id": string;
          "method": string;
          "response_time_ms": number | null;
          "status_code": number;
          "user_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "agent_id"?: string | null;
          "cost_usd"?: number | null;
          "created_at"?: string;
          "endpoint": string;
          "id"?: string;
          "method": string;
          "response_time_ms"?: number | null;
          "status_code": number;
          "user_id"?: string | null;
        };
        Update: {
          "agent_id"?: string | null;
          "cost_usd"?: number | null;
          "created_at"?: string;
          "endpoint"?: string;
          "id"?: string;
          "method"?: string;
          "response_time_ms"?: number | null;
          "status_code"?: number;
          "user_id"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "api_usage_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agent_dashboard";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "api_usage_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agent_summary";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "api_usage_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "api_usage_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "bots";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "api_usage_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "ai_usage_stats";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "api_usage_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "api_usage_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "audit_events": {
        Row: {
          "access_key_id": string | null;
          "action": string;
          "actor_id": string | null;
          "actor_name": string | null;
          "actor_type": string;
          "after": Json | null;
          "before": Json | null;
          "created_at": string;
          "id": string;
          "organization_id": string | null;
          "row_id": string;
          "table_name": string;
        };
        ComputedFields: never;
        Insert: {
          "access_key_id"?: string | null;
          "action": string;
          "actor_id"?: string | null;
          "actor_name"?: string | null;
          "actor_type": string;
          "after"?: Json | null;
          "before"?: Json | null;
          "created_at"?: string;
          "id"?: string;
          "organization_id"?: string | null;
          "row_id": string;
          "table_name": string;
        };
        Update: {
          "access_key_id"?: string | null;
          "action"?: string;
          "actor_id"?: string | null;
          "actor_name"?: string | null;
          "actor_type"?: string;
          "after"?: Json | null;
          "before"?: Json | null;
          "created_at"?: string;
          "id"?: string;
          "organization_id"?: string | null;
          "row_id"?: string;
          "table_name"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "audit_events_actor_id_fkey";
            columns: ["actor_id"];
            isOneToOne: false;
            referencedRelation: "ai_usage_stats";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "audit_events_actor_id_fkey";
            columns: ["actor_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "audit_events_actor_id_fkey";
            columns: ["actor_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "budget_reservations": {
        Row: {
          "amount_usd": number;
          "attempts": number;
          "budget_id": string;
          "created_at": string;
          "expires_at": string;
          "id": string;
          "interaction_id": string;
        };
        ComputedFields: never;
        Insert: {
          "amount_usd": number;
          "attempts"?: number;
          "budget_id": string;
          "created_at"?: string;
          "expires_at": string;
          "id"?: string;
          "interaction_id": string;
        };
        Update: {
          "amount_usd"?: number;
          "attempts"?: number;
          "budget_id"?: string;
          "created_at"?: string;
          "expires_at"?: string;
          "id"?: string;
          "interaction_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "budget_reservations_budget_id_fkey";
            columns: ["budget_id"];
            isOneToOne: false;
            referencedRelation: "budget_status";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "budget_reservations_budget_id_fkey";
            columns: ["budget_id"];
            isOneToOne: false;
            referencedRelation: "budgets";
            referencedColumns: ["id"];
          },
        ];
      };
      "budgets": {
        Row: {
          "access_key_id": string | null;
          "agent_id": string | null;
          "created_at": string;
          "created_by": string | null;
          "id": string;
          "is_active": boolean;
          "limit_usd": number;
          "organization_id": string;
          "period": string;
          "period_started_at": string;
          "reserved_usd": number;
          "spent_usd": number;
          "updated_at": string;
          "user_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "access_key_id"?: string | null;
          "agent_id"?: string | null;
          "created_at"?: string;
          "created_by"?: string | null;
          "id"?: string;
          "is_active"?: boolean;
          "limit_usd": number;
          "organization_id": string;
          "period": string;
          "period_started_at"?: string;
          "reserved_usd"?: number;
          "spent_usd"?: number;
          "updated_at"?: string;
          "user_id"?: string | null;
        };
        Update: {
          "access_key_id"?: string | null;
          "agent_id"?: string | null;
          "created_at"?: string;
          "created_by"?: string | null;
          "id"?: string;
          "is_active"?: boolean;
          "limit_usd"?: number;
          "organization_id"?: string;
          "period"?: string;
          "period_started_at"?: string;
          "reserved_usd"?: number;
          "spent_usd"?: number;
          "updated_at"?: string;
          "user_id"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "budget_is_for_a_member";
            columns: ["organization_id", "user_id"];
            isOneToOne: false;
            referencedRelation: "organization_members";
            referencedColumns: ["organization_id", "user_id"];
          },
          {
            foreignKeyName: "budget_is_for_a_member";
            columns: ["organization_id", "user_id"];
            isOneToOne: false;
            referencedRelation: "user_roles";
            referencedColumns: ["team_id", "user_id"];
          },
          {
            foreignKeyName: "budget_is_for_an_access_key_of_the_organization";
            columns: ["organization_id", "access_key_id"];
            isOneToOne: false;
            referencedRelation: "access_keys";
            referencedColumns: ["organization_id", "id"];
          },
          {
            foreignKeyName: "budgets_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agent_dashboard";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "budgets_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agent_summary";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "budgets_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "budgets_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "bots";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "budgets_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "ai_usage_stats";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "budgets_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "budgets_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "budgets_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "budgets_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "teams";
            referencedColumns: ["id"];
          },
        ];
      };
      "chat_messages": {
        Row: {
          "audio_duration_ms": number | null;
          "audio_path": string | null;
          "audio_url": string | null;
          "content": string;
          "content_fingerprint": string | null;
          "content_parts": Json | null;
          "continuation": Json | null;
          "created_at": string;
          "finish_reason": string | null;
          "history_fingerprint": string | null;
          "id": string;
          "interaction_id": string | null;
          "latency_ms": number | null;
          "model_used": string | null;
          "name": string | null;
          "role": string;
          "seq": number;
          "session_id": string;
          "status": string;
          "tokens_in": number | null;
          "tokens_out": number | null;
          "tokens_used": number | null;
          "tool_call_id": string | null;
          "tool_calls": Json | null;
          "ai_interactions": {
            "access_key_id": string | null;
            "agent_id": string | null;
            "cache_write_tokens": number;
            "cached_input_tokens": number;
            "content_preview": string | null;
            "cost_breakdown": Json | null;
            "created_at": string;
            "description": string | null;
            "duration_minutes": number | null;
            "ended_at": string | null;
            "error_code": string | null;
            "error_message": string | null;
            "external_id": string | null;
            "external_link": string | null;
            "external_metadata": NonNullable<Json>;
            "feedback_notes": string | null;
            "finish_reason": string | null;
            "first_token_ms": number | null;
            "full_content": string | null;
            "id": string;
            "input_tokens": number;
            "interaction_type_id": string;
            "keywords": (string)[];
            "latency_ms": number | null;
            "model_id": string | null;
            "model_name": string | null;
            "organization_id": string;
            "output_tokens": number;
            "price_id": string | null;
            "provider_cost": number | null;
            "reasoning_tokens": number;
            "request_id": string | null;
            "satisfaction_rating": number | null;
            "service_id": string | null;
            "session_id": string | null;
            "source": string;
            "started_at": string;
            "status": string;
            "tags": (string)[];
            "title": string;
            "total_cost": number | null;
            "turn_state": string | null;
            "updated_at": string;
            "usage_is_estimated": boolean;
            "usefulness_rating": number | null;
            "user_id": string | null;
            "vendor_id": string | null;
          } | null;
          "in_history": boolean | null;
        };
        ComputedFields: "ai_interactions" | "in_history";
        Insert: {
          "audio_duration_ms"?: number | null;
          "audio_path"?: never;
          "audio_url"?: string | null;
          "content"?: string;
          "content_fingerprint"?: never;
          "content_parts"?: Json | null;
          "continuation"?: Json | null;
          "created_at"?: string;
          "finish_reason"?: string | null;
          "history_fingerprint"?: string | null;
          "id"?: string;
          "interaction_id"?: string | null;
          "latency_ms"?: number | null;
          "model_used"?: string | null;
          "name"?: string | null;
          "role": string;
          "seq"?: never;
          "session_id": string;
          "status"?: string;
          "tokens_in"?: number | null;
          "tokens_out"?: number | null;
          "tokens_used"?: number | null;
          "tool_call_id"?: string | null;
          "tool_calls"?: Json | null;
        };
        Update: {
          "audio_duration_ms"?: number | null;
          "audio_path"?: never;
          "audio_url"?: string | null;
          "content"?: string;
          "content_fingerprint"?: never;
          "content_parts"?: Json | null;
          "continuation"?: Json | null;
          "created_at"?: string;
          "finish_reason"?: string | null;
          "history_fingerprint"?: string | null;
          "id"?: string;
          "interaction_id"?: string | null;
          "latency_ms"?: number | null;
          "model_used"?: string | null;
          "name"?: string | null;
          "role"?: string;
          "seq"?: never;
          "session_id"?: string;
          "status"?: string;
          "tokens_in"?: number | null;
          "tokens_out"?: number | null;
          "tokens_used"?: number | null;
          "tool_call_id"?: string | null;
          "tool_calls"?: Json | null;
        };
        Relationships: [
          {
            foreignKeyName: "chat_messages_session_id_fkey";
            columns: ["session_id"];
            isOneToOne: false;
            referencedRelation: "agent_sessions";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "chat_messages_session_id_fkey";
            columns: ["session_id"];
            isOneToOne: false;
            referencedRelation: "chat_sessions";
            referencedColumns: ["id"];
          },
        ];
      };
      "chat_sessions": {
        Row: {
          "agent_id": string | null;
          "channel": string;
          "context_data": NonNullable<Json>;
          "created_at": string;
          "current_branch": unknown;
          "ended_at": string | null;
          "id": string;
          "ip_address": unknown;
          "last_activity_at": string;
          "message_count": number;
          "metadata": NonNullable<Json>;
          "model_id": string | null;
          "org_id": string;
          "prompt_limit": number | null;
          "session_id": string;
          "started_at": string;
          "status": string;
          "title": string | null;
          "updated_at": string;
          "user_id": string | null;
          "website_domain": string | null;
          "conversation_history": Json | null;
        };
        ComputedFields: "conversation_history";
        Insert: {
          "agent_id"?: string | null;
          "channel"?: string;
          "context_data"?: NonNullable<Json>;
          "created_at"?: string;
          "current_branch"?: unknown;
          "ended_at"?: string | null;
          "id"?: string;
          "ip_address"?: unknown;
          "last_activity_at"?: string;
          "message_count"?: number;
          "metadata"?: NonNullable<Json>;
          "model_id"?: string | null;
          "org_id": string;
          "prompt_limit"?: number | null;
          "session_id"?: string;
          "started_at"?: string;
          "status"?: string;
          "title"?: string | null;
          "updated_at"?: string;
          "user_id"?: string | null;
          "website_domain"?: string | null;
        };
        Update: {
          "agent_id"?: string | null;
          "channel"?: string;
          "context_data"?: NonNullable<Json>;
          "created_at"?: string;
          "current_branch"?: unknown;
          "ended_at"?: string | null;
          "id"?: string;
          "ip_address"?: unknown;
          "last_activity_at"?: string;
          "message_count"?: number;
          "metadata"?: NonNullable<Json>;
          "model_id"?: string | null;
          "org_id"?: string;
          "prompt_limit"?: number | null;
          "session_id"?: string;
          "started_at"?: string;
          "status"?: string;
          "title"?: string | null;
          "updated_at"?: string;
          "user_id"?: string | null;
          "website_domain"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "chat_sessions_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agent_dashboard";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "chat_sessions_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agent_summary";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "chat_sessions_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "chat_sessions_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "bots";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "chat_sessions_model_id_fkey";
            columns: ["model_id"];
            isOneToOne: false;
            referencedRelation: "models";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "chat_sessions_org_id_fkey";
            columns: ["org_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "chat_sessions_org_id_fkey";
            columns: ["org_id"];
            isOneToOne: false;
            referencedRelation: "teams";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "chat_sessions_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "ai_usage_stats";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "chat_sessions_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "chat_sessions_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "deployments": {
        Row: {
          "agent_id": string;
          "called_at": string | null;
          "created_at": string;
          "deployed_at": string | null;
          "deployment_url": string | null;
          "error_message": string | null;
          "id": string;
          "progress_message": string | null;
          "progress_percent": number | null;
          "scheduled_at": string | null;
          "snapshot": NonNullable<Json>;
          "status": string;
          "stopped_at": string | null;
          "trigger_config": NonNullable<Json>;
          "trigger_type": string | null;
          "updated_at": string;
          "version": number;
          "webhook_endpoint_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "agent_id": string;
          "called_at"?: string | null;
          "created_at"?: string;
          "deployed_at"?: string | null;
          "deployment_url"?: string | null;
          "error_message"?: string | null;
          "id"?: string;
          "progress_message"?: string | null;
          "progress_percent"?: number | null;
          "scheduled_at"?: string | null;
          "snapshot"?: NonNullable<Json>;
          "status"?: string;
          "stopped_at"?: string | null;
          "trigger_config"?: NonNullable<Json>;
          "trigger_type"?: string | null;
          "updated_at"?: string;
          "version"?: number;
          "webhook_endpoint_id"?: string | null;
        };
        Update: {
          "agent_id"?: string;
          "called_at"?: string | null;
          "created_at"?: string;
          "deployed_at"?: string | null;
          "deployment_url"?: string | null;
          "error_message"?: string | null;
          "id"?: string;
          "progress_message"?: string | null;
          "progress_percent"?: number | null;
          "scheduled_at"?: string | null;
          "snapshot"?: NonNullable<Json>;
          "status"?: string;
          "stopped_at"?: string | null;
          "trigger_config"?: NonNullable<Json>;
          "trigger_type"?: string | null;
          "updated_at"?: string;
          "version"?: number;
          "webhook_endpoint_id"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "deployments_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agent_dashboard";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "deployments_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agent_summary";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "deployments_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "deployments_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "bots";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "deployments_webhook_endpoint_id_fkey";
            columns: ["webhook_endpoint_id"];
            isOneToOne: false;
            referencedRelation: "webhook_endpoints";
            referencedColumns: ["id"];
          },
        ];
      };
      "interaction_types": {
        Row: {
          "category": string | null;
          "color": string | null;
          "created_at": string;
          "description": string | null;
          "icon": string | null;
          "id": string;
          "is_active": boolean;
          "name": string;
          "sort_order": number;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "category"?: string | null;
          "color"?: string | null;
          "created_at"?: string;
          "description"?: string | null;
          "icon"?: string | null;
          "id": string;
          "is_active"?: boolean;
          "name": string;
          "sort_order"?: number;
          "updated_at"?: string;
        };
        Update: {
          "category"?: string | null;
          "color"?: string | null;
          "created_at"?: string;
          "description"?: string | null;
          "icon"?: string | null;
          "id"?: string;
          "is_active"?: boolean;
          "name"?: string;
          "sort_order"?: number;
          "updated_at"?: string;
        };
        Relationships: [];
      };
      "mcp_sessions": {
        Row: {
          "created_at": string;
          "expires_at": string;
          "mcp_state": NonNullable<Json>;
          "oauth_data": Json | null;
          "oauth_expires_at": string | null;
          "oauth_failing_since": string | null;
          "oauth_issued_at": string | null;
          "oauth_lease": string | null;
          "oauth_lease_until": string | null;
          "oauth_provider": string | null;
          "oauth_refreshable": boolean | null;
          "oauth_status": string | null;
          "session_id": string;
          "updated_at": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "expires_at"?: string;
          "mcp_state"?: NonNullable<Json>;
          "oauth_data"?: Json | null;
          "oauth_expires_at"?: string | null;
          "oauth_failing_since"?: string | null;
          "oauth_issued_at"?: string | null;
          "oauth_lease"?: string | null;
          "oauth_lease_until"?: string | null;
          "oauth_provider"?: string | null;
          "oauth_refreshable"?: boolean | null;
          "oauth_status"?: string | null;
          "session_id"?: string;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Update: {
          "created_at"?: string;
          "expires_at"?: string;
          "mcp_state"?: NonNullable<Json>;
          "oauth_data"?: Json | null;
          "oauth_expires_at"?: string | null;
          "oauth_failing_since"?: string | null;
          "oauth_issued_at"?: string | null;
          "oauth_lease"?: string | null;
          "oauth_lease_until"?: string | null;
          "oauth_provider"?: string | null;
          "oauth_refreshable"?: boolean | null;
          "oauth_status"?: string | null;
          "session_id"?: string;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "mcp_sessions_oauth_provider_fkey";
            columns: ["oauth_provider"];
            isOneToOne: false;
            referencedRelation: "oauth_providers";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "mcp_sessions_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "ai_usage_stats";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "mcp_sessions_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "mcp_sessions_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "models": {
        Row: {
          "agent_id": string;
          "config": NonNullable<Json>;
          "created_at": string;
          "display_name": string | null;
          "enabled": boolean;
          "id": string;
          "is_default": boolean;
          "model_id": string | null;
          "name": string;
          "provider": string | null;
          "service_id": string | null;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "agent_id": string;
          "config"?: NonNullable<Json>;
          "created_at"?: string;
          "display_name"?: string | null;
          "enabled"?: boolean;
          "id"?: string;
          "is_default"?: boolean;
          "model_id"?: string | null;
          "name": string;
          "provider"?: string | null;
          "service_id"?: string | null;
          "updated_at"?: string;
        };
        Update: {
          "agent_id"?: string;
          "config"?: NonNullable<Json>;
          "created_at"?: string;
          "display_name"?: string | null;
          "enabled"?: boolean;
          "id"?: string;
          "is_default"?: boolean;
          "model_id"?: string | null;
          "name"?: string;
          "provider"?: string | null;
          "service_id"?: string | null;
          "updated_at"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "models_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agent_dashboard";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "models_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agent_summary";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "models_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "models_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "bots";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "models_service_id_fkey";
            columns: ["service_id"];
            isOneToOne: false;
            referencedRelation: "vendor_services";
            referencedColumns: ["id"];
          },
        ];
      };
      "notification_preferences": {
        Row: {
          "channel": string;
          "created_at": string;
          "is_enabled": boolean;
          "type": string;
          "updated_at": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "channel": string;
          "created_at"?: string;
          "is_enabled": boolean;
          "type": string;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Update: {
          "channel"?: string;
          "created_at"?: string;
          "is_enabled"?: boolean;
          "type"?: string;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "notification_preferences_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "ai_usage_stats";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "notification_preferences_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "notification_preferences_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "notification_settings": {
        Row: {
          "created_at": string;
          "quiet_from": string | null;
          "quiet_until": string | null;
          "slack_endpoint_id": string | null;
          "timezone": string;
          "updated_at": string;
          "user_id": string;
          "webhook_endpoint_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "quiet_from"?: string | null;
          "quiet_until"?: string | null;
          "slack_endpoint_id"?: string | null;
          "timezone"?: string;
          "updated_at"?: string;
          "user_id"?: string;
          "webhook_endpoint_id"?: string | null;
        };
        Update: {
          "created_at"?: string;
          "quiet_from"?: string | null;
          "quiet_until"?: string | null;
          "slack_endpoint_id"?: string | null;
          "timezone"?: string;
          "updated_at"?: string;
          "user_id"?: string;
          "webhook_endpoint_id"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "notification_settings_slack_endpoint_id_fkey";
            columns: ["slack_endpoint_id"];
            isOneToOne: false;
            referencedRelation: "webhook_endpoints";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "notification_settings_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: true;
            referencedRelation: "ai_usage_stats";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "notification_settings_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: true;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "notification_settings_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: true;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "notification_settings_webhook_endpoint_id_fkey";
            columns: ["webhook_endpoint_id"];
            isOneToOne: false;
            referencedRelation: "webhook_endpoints";
            referencedColumns: ["id"];
          },
        ];
      };
      "notifications": {
        Row: {
          "created_at": string;
          "data": NonNullable<Json>;
          "expires_at": string | null;
          "id": string;
          "is_in_app": boolean;
          "last_occurred_at": string;
          "message": string;
          "occurrences": number;
          "priority": string;
          "read_at": string | null;
          "sent": NonNullable<Json>;
          "title": string;
          "topic": string | null;
          "type": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "data"?: NonNullable<Json>;
          "expires_at"?: string | null;
          "id"?: string;
          "is_in_app"?: boolean;
          "last_occurred_at"?: string;
          "message": string;
          "occurrences"?: number;
          "priority"?: string;
          "read_at"?: string | null;
          "sent"?: NonNullable<Json>;
          "title": string;
          "topic"?: string | null;
          "type": string;
          "user_id"?: string;
        };
        Update: {
          "created_at"?: string;
          "data"?: NonNullable<Json>;
          "expires_at"?: string | null;
          "id"?: string;
          "is_in_app"?: boolean;
          "last_occurred_at"?: string;
          "message"?: string;
          "occurrences"?: number;
          "priority"?: string;
          "read_at"?: string | null;
          "sent"?: NonNullable<Json>;
          "title"?: string;
          "topic"?: string | null;
          "type"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "notifications_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "ai_usage_stats";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "notifications_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "notifications_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "oauth_providers": {
        Row: {
          "account_fields": (string)[];
          "client_authentication": string;
          "created_at": string;
          "default_lifetime": string | null;
          "id": string;
          "name": string;
          "refusals": (string)[];
          "resource": string | null;
          "revocation_endpoint": string | null;
          "revocation_style": string;
          "scope": string | null;
          "token_endpoint": string;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "account_fields"?: (string)[];
          "client_authentication"?: string;
          "created_at"?: string;
          "default_lifetime"?: string | null;
          "id": string;
          "name": string;
          "refusals"?: (string)[];
          "resource"?: string | null;
          "revocation_endpoint"?: string | null;
          "revocation_style"?: string;
          "scope"?: string | null;
          "token_endpoint": string;
          "updated_at"?: string;
        };
        Update: {
          "account_fields"?: (string)[];
          "client_authentication"?: string;
          "created_at"?: string;
          "default_lifetime"?: string | null;
          "id"?: string;
          "name"?: string;
          "refusals"?: (string)[];
          "resource"?: string | null;
          "revocation_endpoint"?: string | null;
          "revocation_style"?: string;
          "scope"?: string | null;
          "token_endpoint"?: string;
          "updated_at"?: string;
        };
        Relationships: [];
      };
      "organization_invitations": {
        Row: {
          "accepted_at": string | null;
          "accepted_by": string | null;
          "created_at": string;
          "email": string;
          "expires_at": string;
          "id": string;
          "invited_by": string | null;
          "organization_id": string;
          "role": string;
          "token_hash": string;
        };
        ComputedFields: never;
        Insert: {
          "accepted_at"?: string | null;
          "accepted_by"?: string | null;
          "created_at"?: string;
          "email": string;
          "expires_at"?: string;
          "id"?: string;
          "invited_by"?: string | null;
          "organization_id": string;
          "role": string;
          "token_hash": string;
        };
        Update: {
          "accepted_at"?: string | null;
          "accepted_by"?: string | null;
          "created_at"?: string;
          "email"?: string;
          "expires_at"?: string;
          "id"?: string;
          "invited_by"?: string | null;
          "organization_id"?: string;
          "role"?: string;
          "token_hash"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "organization_invitations_accepted_by_fkey";
            columns: ["accepted_by"];
            isOneToOne: false;
            referencedRelation: "ai_usage_stats";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "organization_invitations_accepted_by_fkey";
            columns: ["accepted_by"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "organization_invitations_accepted_by_fkey";
            columns: ["accepted_by"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "organization_invitations_invited_by_fkey";
            columns: ["invited_by"];
            isOneToOne: false;
            referencedRelation: "ai_usage_stats";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "organization_invitations_invited_by_fkey";
            columns: ["invited_by"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "organization_invitations_invited_by_fkey";
            columns: ["invited_by"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "organization_invitations_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "organization_invitations_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "teams";
            referencedColumns: ["id"];
          },
        ];
      };
      "organization_members": {
        Row: {
          "created_at": string;
          "granted_at": string;
          "granted_by": string | null;
          "last_active_at": string | null;
          "organization_id": string;
          "permissions": NonNullable<Json>;
          "role": string;
          "updated_at": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "granted_at"?: string;
          "granted_by"?: string | null;
          "last_active_at"?: string | null;
          "organization_id": string;
          "permissions"?: NonNullable<Json>;
          "role"?: string;
          "updated_at"?: string;
          "user_id": string;
        };
        Update: {
          "created_at"?: string;
          "granted_at"?: string;
          "granted_by"?: string | null;
          "last_active_at"?: string | null;
          "organization_id"?: string;
          "permissions"?: NonNullable<Json>;
          "role"?: string;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "organization_members_granted_by_fkey";
            columns: ["granted_by"];
            isOneToOne: false;
            referencedRelation: "ai_usage_stats";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "organization_members_granted_by_fkey";
            columns: ["granted_by"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "organization_members_granted_by_fkey";
            columns: ["granted_by"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "organization_members_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "organization_members_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "teams";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "organization_members_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "ai_usage_stats";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "organization_members_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "organization_members_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "organizations": {
        Row: {
          "created_at": string;
          "created_by": string | null;
          "deleted_at": string | null;
          "id": string;
          "is_personal": boolean;
          "metadata": NonNullable<Json>;
          "name": string;
          "plan": string;
          "settings": NonNullable<Json>;
          "slug": string;
          "timezone": string;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "created_by"?: string | null;
          "deleted_at"?: string | null;
          "id"?: string;
          "is_personal"?: boolean;
          "metadata"?: NonNullable<Json>;
          "name": string;
          "plan"?: string;
          "settings"?: NonNullable<Json>;
          "slug": string;
          "timezone"?: string;
          "updated_at"?: string;
        };
        Update: {
          "created_at"?: string;
          "created_by"?: string | null;
          "deleted_at"?: string | null;
          "id"?: string;
          "is_personal"?: boolean;
          "metadata"?: NonNullable<Json>;
          "name"?: string;
          "plan"?: string;
          "settings"?: NonNullable<Json>;
          "slug"?: string;
          "timezone"?: string;
          "updated_at"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "organizations_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "ai_usage_stats";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "organizations_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "organizations_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "organizations_plan_fkey";
            columns: ["plan"];
            isOneToOne: false;
            referencedRelation: "plans";
            referencedColumns: ["id"];
          },
        ];
      };
      "plans": {
        Row: {
          "audit_days": number | null;
          "conversation_days": number | null;
          "created_at": string;
          "id": string;
          "interaction_days": number | null;
          "measurement_days": number | null;
          "name": string;
          "platform_credential": string;
          "platform_credential_usd": number;
          "requests_per_minute": number;
          "updated_at": string;
          "user_requests_per_minute": number;
        };
        ComputedFields: never;
        Insert: {
          "audit_days"?: number | null;
          "conversation_days"?: number | null;
          "created_at"?: string;
          "id": string;
          "interaction_days"?: number | null;
          "measurement_days"?: number | null;
          "name": string;
          "platform_credential"?: string;
          "platform_credential_usd"?: number;
          "requests_per_minute": number;
          "updated_at"?: string;
          "user_requests_per_minute": number;
        };
        Update: {
          "audit_days"?: number | null;
          "conversation_days"?: number | null;
          "created_at"?: string;
          "id"?: string;
          "interaction_days"?: number | null;
          "measurement_days"?: number | null;
          "name"?: string;
          "platform_credential"?: string;
          "platform_credential_usd"?: number;
          "requests_per_minute"?: number;
          "updated_at"?: string;
          "user_requests_per_minute"?: number;
        };
        Relationships: [];
      };
      "profiles": {
        Row: {
          "avatar_url": string | null;
          "created_at": string;
          "current_organization_id": string | null;
          "email": string | null;
          "full_name": string | null;
          "id": string;
          "is_sso_user": boolean;
          "last_login_at": string | null;
          "preferences": NonNullable<Json>;
          "status": string;
          "subscription_tier": string;
          "updated_at": string;
          "workos_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "avatar_url"?: string | null;
          "created_at"?: string;
          "current_organization_id"?: string | null;
          "email"?: string | null;
          "full_name"?: string | null;
          "id": string;
          "is_sso_user"?: boolean;
          "last_login_at"?: string | null;
          "preferences"?: NonNullable<Json>;
          "status"?: string;
          "subscription_tier"?: string;
          "updated_at"?: string;
          "workos_id"?: string | null;
        };
        Update: {
          "avatar_url"?: string | null;
          "created_at"?: string;
          "current_organization_id"?: string | null;
          "email"?: string | null;
          "full_name"?: string | null;
          "id"?: string;
          "is_sso_user"?: boolean;
          "last_login_at"?: string | null;
          "preferences"?: NonNullable<Json>;
          "status"?: string;
          "subscription_tier"?: string;
          "updated_at"?: string;
          "workos_id"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "profiles_current_organization_id_fkey";
            columns: ["current_organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "profiles_current_organization_id_fkey";
            columns: ["current_organization_id"];
            isOneToOne: false;
            referencedRelation: "teams";
            referencedColumns: ["id"];
          },
        ];
      };
      "service_aliases": {
        Row: {
          "alias": string;
          "created_at": string;
          "service_id": string;
          "vendor_id": string;
        };
        ComputedFields: never;
        Insert: {
          "alias": string;
          "created_at"?: string;
          "service_id": string;
          "vendor_id": string;
        };
        Update: {
          "alias"?: string;
          "created_at"?: string;
          "service_id"?: string;
          "vendor_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "alias_means_a_service_of_its_vendor";
            columns: ["vendor_id", "service_id"];
            isOneToOne: false;
            referencedRelation: "vendor_services";
            referencedColumns: ["vendor_id", "id"];
          },
        ];
      };
      "service_prices": {
        Row: {
          "cache_write_1h_rate": number | null;
          "cache_write_rate": number | null;
          "cached_input_rate": number | null;
          "created_at": string;
          "id": string;
          "input_rate": number;
          "min_input_tokens": number;
          "multiplier": number;
          "output_rate": number;
          "reasoning_rate": number | null;
          "request_rate": number;
          "service_id": string;
          "service_tier": string;
          "source": string | null;
          "unit_increment": number | null;
          "unit_minimum": number | null;
          "unit_rates": NonNullable<Json>;
          "valid_during": unknown;
          "verified_on": string | null;
        };
        ComputedFields: never;
        Insert: {
          "cache_write_1h_rate"?: number | null;
          "cache_write_rate"?: number | null;
          "cached_input_rate"?: number | null;
          "created_at"?: string;
          "id"?: string;
          "input_rate"?: number;
          "min_input_tokens"?: number;
          "multiplier"?: number;
          "output_rate"?: number;
          "reasoning_rate"?: number | null;
          "request_rate"?: number;
          "service_id": string;
          "service_tier"?: string;
          "source"?: string | null;
          "unit_increment"?: number | null;
          "unit_minimum"?: number | null;
          "unit_rates"?: NonNullable<Json>;
          "valid_during"?: unknown;
          "verified_on"?: string | null;
        };
        Update: {
          "cache_write_1h_rate"?: number | null;
          "cache_write_rate"?: number | null;
          "cached_input_rate"?: number | null;
          "created_at"?: string;
          "id"?: string;
          "input_rate"?: number;
          "min_input_tokens"?: number;
          "multiplier"?: number;
          "output_rate"?: number;
          "reasoning_rate"?: number | null;
          "request_rate"?: number;
          "service_id"?: string;
          "service_tier"?: string;
          "source"?: string | null;
          "unit_increment"?: number | null;
          "unit_minimum"?: number | null;
          "unit_rates"?: NonNullable<Json>;
          "valid_during"?: unknown;
          "verified_on"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "service_prices_service_id_fkey";
            columns: ["service_id"];
            isOneToOne: false;
            referencedRelation: "vendor_services";
            referencedColumns: ["id"];
          },
        ];
      };
      "usage_agent_rollup": {
        Row: {
          "agent_id": string;
          "calendar_id": number;
          "created_at": string;
          "duration_minutes": number;
          "failed": number;
          "input_tokens": number;
          "interactions": number;
          "organization_id": string;
          "output_tokens": number;
          "recorded": number;
          "recorded_cost": number;
          "satisfaction_count": number;
          "satisfaction_sum": number;
          "total_cost": number;
          "unpriced": number;
          "usefulness_count": number;
          "usefulness_sum": number;
        };
        ComputedFields: never;
        Insert: {
          "agent_id": string;
          "calendar_id": number;
          "created_at"?: string;
          "duration_minutes"?: number;
          "failed"?: number;
          "input_tokens"?: number;
          "interactions"?: number;
          "organization_id": string;
          "output_tokens"?: number;
          "recorded"?: number;
          "recorded_cost"?: number;
          "satisfaction_count"?: number;
          "satisfaction_sum"?: number;
          "total_cost"?: number;
          "unpriced"?: number;
          "usefulness_count"?: number;
          "usefulness_sum"?: number;
        };
        Update: {
          "agent_id"?: string;
          "calendar_id"?: number;
          "created_at"?: string;
          "duration_minutes"?: number;
          "failed"?: number;
          "input_tokens"?: number;
          "interactions"?: number;
          "organization_id"?: string;
          "output_tokens"?: number;
          "recorded"?: number;
          "recorded_cost"?: number;
          "satisfaction_count"?: number;
          "satisfaction_sum"?: number;
          "total_cost"?: number;
          "unpriced"?: number;
          "usefulness_count"?: number;
          "usefulness_sum"?: number;
        };
        Relationships: [];
      };
      "usage_archive_rollup": {
        Row: {
          "access_key_id": string | null;
          "agent_id": string | null;
          "created_at": string;
          "duration_minutes": number;
          "failed": number;
          "fingerprints": (number)[];
          "id": number;
          "input_tokens": number;
          "interactions": number;
          "model_name": string | null;
          "organization_id": string;
          "output_tokens": number;
          "recorded": number;
          "recorded_cost": number;
          "satisfaction_count": number;
          "satisfaction_sum": number;
          "started_at": string;
          "total_cost": number;
          "unpriced": number;
          "usefulness_count": number;
          "usefulness_sum": number;
          "user_id": string | null;
          "vendor_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "access_key_id"?: string | null;
          "agent_id"?: string | null;
          "created_at"?: string;
          "duration_minutes"?: number;
          "failed"?: number;
          "fingerprints"?: (number)[];
          "id"?: never;
          "input_tokens"?: number;
          "interactions"?: number;
          "model_name"?: string | null;
          "organization_id": string;
          "output_tokens"?: number;
          "recorded"?: number;
          "recorded_cost"?: number;
          "satisfaction_count"?: number;
          "satisfaction_sum"?: number;
          "started_at": string;
          "total_cost"?: number;
          "unpriced"?: number;
          "usefulness_count"?: number;
          "usefulness_sum"?: number;
          "user_id"?: string | null;
          "vendor_id"?: string | null;
        };
        Update: {
          "access_key_id"?: string | null;
          "agent_id"?: string | null;
          "created_at"?: string;
          "duration_minutes"?: number;
          "failed"?: number;
          "fingerprints"?: (number)[];
          "id"?: never;
          "input_tokens"?: number;
          "interactions"?: number;
          "model_name"?: string | null;
          "organization_id"?: string;
          "output_tokens"?: number;
          "recorded"?: number;
          "recorded_cost"?: number;
          "satisfaction_count"?: number;
          "satisfaction_sum"?: number;
          "started_at"?: string;
          "total_cost"?: number;
          "unpriced"?: number;
          "usefulness_count"?: number;
          "usefulness_sum"?: number;
          "user_id"?: string | null;
          "vendor_id"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "usage_archive_rollup_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "usage_archive_rollup_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "teams";
            referencedColumns: ["id"];
          },
        ];
      };
      "usage_calendars": {
        Row: {
          "created_at": string;
          "id": number;
          "organization_id": string;
          "recent_changes": (string)[];
          "rolled_up_until": string;
          "timezone": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "id"?: never;
          "organization_id": string;
          "recent_changes"?: (string)[];
          "rolled_up_until"?: string;
          "timezone": string;
        };
        Update: {
          "created_at"?: string;
          "id"?: never;
          "organization_id"?: string;
          "recent_changes"?: (string)[];
          "rolled_up_until"?: string;
          "timezone"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "usage_calendars_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: true;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "usage_calendars_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: true;
            referencedRelation: "teams";
            referencedColumns: ["id"];
          },
        ];
      };
      "usage_daily_rollup": {
        Row: {
          "agent_id": string | null;
          "calendar_id": number;
          "created_at": string;
          "date": string;
          "duration_minutes": number;
          "failed": number;
          "id": number;
          "input_tokens": number;
          "interactions": number;
          "model_name": string | null;
          "organization_id": string;
          "output_tokens": number;
          "recorded": number;
          "recorded_cost": number;
          "satisfaction_count": number;
          "satisfaction_sum": number;
          "total_cost": number;
          "unpriced": number;
          "usefulness_count": number;
          "usefulness_sum": number;
          "user_id": string | null;
          "vendor_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "agent_id"?: string | null;
          "calendar_id": number;
          "created_at"?: string;
          "date": string;
          "duration_minutes"?: number;
          "failed"?: number;
          "id"?: never;
          "input_tokens"?: number;
          "interactions"?: number;
          "model_name"?: string | null;
          "organization_id": string;
          "output_tokens"?: number;
          "recorded"?: number;
          "recorded_cost"?: number;
          "satisfaction_count"?: number;
          "satisfaction_sum"?: number;
          "total_cost"?: number;
          "unpriced"?: number;
          "usefulness_count"?: number;
          "usefulness_sum"?: number;
          "user_id"?: string | null;
          "vendor_id"?: string | null;
        };
        Update: {
          "agent_id"?: string | null;
          "calendar_id"?: number;
          "created_at"?: string;
          "date"?: string;
          "duration_minutes"?: number;
          "failed"?: number;
          "id"?: never;
          "input_tokens"?: number;
          "interactions"?: number;
          "model_name"?: string | null;
          "organization_id"?: string;
          "output_tokens"?: number;
          "recorded"?: number;
          "recorded_cost"?: number;
          "satisfaction_count"?: number;
          "satisfaction_sum"?: number;
          "total_cost"?: number;
          "unpriced"?: number;
          "usefulness_count"?: number;
          "usefulness_sum"?: number;
          "user_id"?: string | null;
          "vendor_id"?: string | null;
        };
        Relationships: [];
      };
      "usage_deltas": {
        Row: {
          "agent_id": string | null;
          "created_at": string;
          "duration_minutes": number;
          "failed": number;
          "id": number;
          "input_tokens": number;
          "interactions": number;
          "model_name": string | null;
          "organization_id": string;
          "output_tokens": number;
          "recorded": number;
          "recorded_cost": number;
          "satisfaction_count": number;
          "satisfaction_sum": number;
          "started_at": string;
          "total_cost": number;
          "unpriced": number;
          "usefulness_count": number;
          "usefulness_sum": number;
          "user_id": string | null;
          "vendor_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "agent_id"?: string | null;
          "created_at"?: string;
          "duration_minutes"?: number;
          "failed"?: number;
          "id"?: never;
          "input_tokens"?: number;
          "interactions"?: number;
          "model_name"?: string | null;
          "organization_id": string;
          "output_tokens"?: number;
          "recorded"?: number;
          "recorded_cost"?: number;
          "satisfaction_count"?: number;
          "satisfaction_sum"?: number;
          "started_at": string;
          "total_cost"?: number;
          "unpriced"?: number;
          "usefulness_count"?: number;
          "usefulness_sum"?: number;
          "user_id"?: string | null;
          "vendor_id"?: string | null;
        };
        Update: {
          "agent_id"?: string | null;
          "created_at"?: string;
          "duration_minutes"?: number;
          "failed"?: number;
          "id"?: never;
          "input_tokens"?: number;
          "interactions"?: number;
          "model_name"?: string | null;
          "organization_id"?: string;
          "output_tokens"?: number;
          "recorded"?: number;
          "recorded_cost"?: number;
          "satisfaction_count"?: number;
          "satisfaction_sum"?: number;
          "started_at"?: string;
          "total_cost"?: number;
          "unpriced"?: number;
          "usefulness_count"?: number;
          "usefulness_sum"?: number;
          "user_id"?: string | null;
          "vendor_id"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "usage_deltas_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "usage_deltas_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "teams";
            referencedColumns: ["id"];
          },
        ];
      };
      "user_api_keys": {
        Row: {
          "created_at": string;
          "display_name": string | null;
          "encrypted_key": string;
          "id": string;
          "is_active": boolean;
          "key_fingerprint": string | null;
          "key_preview": string;
          "last_error": string | null;
          "last_used_at": string | null;
          "organization_id": string | null;
          "service_id": string | null;
          "settings": NonNullable<Json>;
          "updated_at": string;
          "user_id": string;
          "vendor_id": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "display_name"?: string | null;
          "encrypted_key": string;
          "id"?: string;
          "is_active"?: boolean;
          "key_fingerprint"?: string | null;
          "key_preview": string;
          "last_error"?: string | null;
          "last_used_at"?: string | null;
          "organization_id"?: string | null;
          "service_id"?: string | null;
          "settings"?: NonNullable<Json>;
          "updated_at"?: string;
          "user_id": string;
          "vendor_id": string;
        };
        Update: {
          "created_at"?: string;
          "display_name"?: string | null;
          "encrypted_key"?: string;
          "id"?: string;
          "is_active"?: boolean;
          "key_fingerprint"?: string | null;
          "key_preview"?: string;
          "last_error"?: string | null;
          "last_used_at"?: string | null;
          "organization_id"?: string | null;
          "service_id"?: string | null;
          "settings"?: NonNullable<Json>;
          "updated_at"?: string;
          "user_id"?: string;
          "vendor_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "key_service_is_its_vendors";
            columns: ["vendor_id", "service_id"];
            isOneToOne: false;
            referencedRelation: "vendor_services";
            referencedColumns: ["vendor_id", "id"];
          },
          {
            foreignKeyName: "user_api_keys_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "user_api_keys_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "teams";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "user_api_keys_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "ai_usage_stats";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "user_api_keys_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "user_api_keys_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "user_api_keys_vendor_id_fkey";
            columns: ["vendor_id"];
            isOneToOne: false;
            referencedRelation: "vendors";
            referencedColumns: ["id"];
          },
        ];
      };
      "vendor_services": {
        Row: {
          "context_window": number | null;
          "created_at": string;
          "description": string | null;
          "display_name": string;
          "id": string;
          "image_tokens": number | null;
          "is_active": boolean;
          "max_output_tokens": number | null;
          "replaced_by": string | null;
          "retired_on": string | null;
          "service_kind": string;
          "service_name": string;
          "updated_at": string;
          "vendor_id": string;
          "voices": (string)[] | null;
        };
        ComputedFields: never;
        Insert: {
          "context_window"?: number | null;
          "created_at"?: string;
          "description"?: string | null;
          "display_name": string;
          "id": string;
          "image_tokens"?: number | null;
          "is_active"?: boolean;
          "max_output_tokens"?: number | null;
          "replaced_by"?: string | null;
          "retired_on"?: string | null;
          "service_kind"?: string;
          "service_name": string;
          "updated_at"?: string;
          "vendor_id": string;
          "voices"?: (string)[] | null;
        };
        Update: {
          "context_window"?: number | null;
          "created_at"?: string;
          "description"?: string | null;
          "display_name"?: string;
          "id"?: string;
          "image_tokens"?: number | null;
          "is_active"?: boolean;
          "max_output_tokens"?: number | null;
          "replaced_by"?: string | null;
          "retired_on"?: string | null;
          "service_kind"?: string;
          "service_name"?: string;
          "updated_at"?: string;
          "vendor_id"?: string;
          "voices"?: (string)[] | null;
        };
        Relationships: [
          {
            foreignKeyName: "service_is_replaced_by_one_of_its_vendor";
            columns: ["vendor_id", "replaced_by"];
            isOneToOne: false;
            referencedRelation: "vendor_services";
            referencedColumns: ["vendor_id", "id"];
          },
          {
            foreignKeyName: "vendor_services_vendor_id_fkey";
            columns: ["vendor_id"];
            isOneToOne: false;
            referencedRelation: "vendors";
            referencedColumns: ["id"];
          },
        ];
      };
      "vendors": {
        Row: {
          "api_format": string;
          "auth_header": string;
          "auth_scheme": string | null;
          "auth_type": string;
          "base_url": string | null;
          "cancel_stops_billing": boolean;
          "created_at": string;
          "description": string | null;
          "extra_fields": (string)[];
          "id": string;
          "instructions_first": boolean;
          "is_active": boolean;
          "key_pattern": string | null;
          "max_tokens_field": string;
          "metadata_needs_store": boolean;
          "name": string;
          "probe_by_call": boolean;
          "probe_path": string | null;
          "takes_developer_role": boolean;
          "takes_parallel_tool_calls": boolean;
          "takes_stream_options": boolean;
          "updated_at": string;
          "usage_path": string | null;
        };
        ComputedFields: never;
        Insert: {
          "api_format"?: string;
          "auth_header"?: string;
          "auth_scheme"?: string | null;
          "auth_type"?: string;
          "base_url"?: string | null;
          "cancel_stops_billing"?: boolean;
          "created_at"?: string;
          "description"?: string | null;
          "extra_fields"?: (string)[];
          "id": string;
          "instructions_first"?: boolean;
          "is_active"?: boolean;
          "key_pattern"?: string | null;
          "max_tokens_field"?: string;
          "metadata_needs_store"?: boolean;
          "name": string;
          "probe_by_call"?: boolean;
          "probe_path"?: string | null;
          "takes_developer_role"?: boolean;
          "takes_parallel_tool_calls"?: boolean;
          "takes_stream_options"?: boolean;
          "updated_at"?: string;
          "usage_path"?: string | null;
        };
        Update: {
          "api_format"?: string;
          "auth_header"?: string;
          "auth_scheme"?: string | null;
          "auth_type"?: string;
          "base_url"?: string | null;
          "cancel_stops_billing"?: boolean;
          "created_at"?: string;
          "description"?: string | null;
          "extra_fields"?: (string)[];
          "id"?: string;
          "instructions_first"?: boolean;
          "is_active"?: boolean;
          "key_pattern"?: string | null;
          "max_tokens_field"?: string;
          "metadata_needs_store"?: boolean;
          "name"?: string;
          "probe_by_call"?: boolean;
          "probe_path"?: string | null;
          "takes_developer_role"?: boolean;
          "takes_parallel_tool_calls"?: boolean;
          "takes_stream_options"?: boolean;
          "updated_at"?: string;
          "usage_path"?: string | null;
        };
        Relationships: [];
      };
      "webhook_deliveries": {
        Row: {
          "attempts": number;
          "created_at": string;
          "delivered_at": string | null;
          "endpoint_id": string;
          "event_type": string;
          "give_up_at": string;
          "id": string;
          "last_error": string | null;
          "last_status": number | null;
          "locked_until": string | null;
          "next_attempt_at": string;
          "organization_id": string;
          "status": string;
          "subject_id": string | null;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "attempts"?: number;
          "created_at"?: string;
          "delivered_at"?: string | null;
          "endpoint_id": string;
          "event_type": string;
          "give_up_at"?: string;
          "id"?: string;
          "last_error"?: string | null;
          "last_status"?: number | null;
          "locked_until"?: string | null;
          "next_attempt_at"?: string;
          "organization_id": string;
          "status"?: string;
          "subject_id"?: string | null;
          "updated_at"?: string;
        };
        Update: {
          "attempts"?: number;
          "created_at"?: string;
          "delivered_at"?: string | null;
          "endpoint_id"?: string;
          "event_type"?: string;
          "give_up_at"?: string;
          "id"?: string;
          "last_error"?: string | null;
          "last_status"?: number | null;
          "locked_until"?: string | null;
          "next_attempt_at"?: string;
          "organization_id"?: string;
          "status"?: string;
          "subject_id"?: string | null;
          "updated_at"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "webhook_deliveries_endpoint_id_fkey";
            columns: ["endpoint_id"];
            isOneToOne: false;
            referencedRelation: "webhook_endpoints";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "webhook_deliveries_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "webhook_deliveries_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "teams";
            referencedColumns: ["id"];
          },
        ];
      };
      "webhook_endpoints": {
        Row: {
          "consecutive_failures": number;
          "created_at": string;
          "created_by": string | null;
          "disabled_reason": string | null;
          "encrypted_url": string;
          "failing_since": string | null;
          "id": string;
          "is_active": boolean;
          "kind": string;
          "name": string;
          "organization_id": string;
          "paused_until": string | null;
          "updated_at": string;
          "url_preview": string;
        };
        ComputedFields: never;
        Insert: {
          "consecutive_failures"?: number;
          "created_at"?: string;
          "created_by"?: string | null;
          "disabled_reason"?: string | null;
          "encrypted_url": string;
          "failing_since"?: string | null;
          "id"?: string;
          "is_active"?: boolean;
          "kind"?: string;
          "name": string;
          "organization_id": string;
          "paused_until"?: string | null;
          "updated_at"?: string;
          "url_preview": string;
        };
        Update: {
          "consecutive_failures"?: number;
          "created_at"?: string;
          "created_by"?: string | null;
          "disabled_reason"?: string | null;
          "encrypted_url"?: string;
          "failing_since"?: string | null;
          "id"?: string;
          "is_active"?: boolean;
          "kind"?: string;
          "name"?: string;
          "organization_id"?: string;
          "paused_until"?: string | null;
          "updated_at"?: string;
          "url_preview"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "webhook_endpoints_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "ai_usage_stats";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "webhook_endpoints_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "webhook_endpoints_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "webhook_endpoints_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "webhook_endpoints_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "teams";
            referencedColumns: ["id"];
          },
        ];
      };
      "webhook_secrets": {
        Row: {
          "created_at": string;
          "encrypted_secret": string;
          "endpoint_id": string;
          "expires_at": string | null;
          "id": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "encrypted_secret": string;
          "endpoint_id": string;
          "expires_at"?: string | null;
          "id"?: string;
        };
        Update: {
          "created_at"?: string;
          "encrypted_secret"?: string;
          "endpoint_id"?: string;
          "expires_at"?: string | null;
          "id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "webhook_secrets_endpoint_id_fkey";
            columns: ["endpoint_id"];
            isOneToOne: false;
            referencedRelation: "webhook_endpoints";
            referencedColumns: ["id"];
          },
        ];
      };
      "widget_secrets": {
        Row: {
          "created_at": string;
          "encrypted_secret": string;
          "expires_at": string | null;
          "id": string;
          "last_four": string;
          "updated_at": string;
          "widget_id": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "encrypted_secret": string;
          "expires_at"?: string | null;
          "id": string;
          "last_four": string;
          "updated_at"?: string;
          "widget_id": string;
        };
        Update: {
          "created_at"?: string;
          "encrypted_secret"?: string;
          "expires_at"?: string | null;
          "id"?: string;
          "last_four"?: string;
          "updated_at"?: string;
          "widget_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "widget_secrets_widget_id_fkey";
            columns: ["widget_id"];
            isOneToOne: false;
            referencedRelation: "widgets";
            referencedColumns: ["id"];
          },
        ];
      };
      "widgets": {
        Row: {
          "accent_color": string | null;
          "address_messages_per_minute": number;
          "agent_id": string;
          "color_scheme": string | null;
          "consent_text": string | null;
          "created_at": string;
          "created_by": string | null;
          "greeting": string | null;
          "id": string;
          "idle_minutes": number;
          "is_consent_required": boolean;
          "is_enabled": boolean;
          "is_identity_required": boolean;
          "key": string;
          "locale": string | null;
          "messages_per_minute": number;
          "messages_per_session": number;
          "name": string;
          "placement": string | null;
          "previous_key": string | null;
          "previous_key_until": string | null;
          "privacy_url": string | null;
          "site_messages_per_minute": number;
          "texts": NonNullable<Json>;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "accent_color"?: string | null;
          "address_messages_per_minute"?: number;
          "agent_id": string;
          "color_scheme"?: string | null;
          "consent_text"?: string | null;
          "created_at"?: string;
          "created_by"?: string | null;
          "greeting"?: string | null;
          "id"?: string;
          "idle_minutes"?: number;
          "is_consent_required"?: boolean;
          "is_enabled"?: boolean;
          "is_identity_required"?: boolean;
          "key"?: string;
          "locale"?: string | null;
          "messages_per_minute"?: number;
          "messages_per_session"?: number;
          "name": string;
          "placement"?: string | null;
          "previous_key"?: string | null;
          "previous_key_until"?: string | null;
          "privacy_url"?: string | null;
          "site_messages_per_minute"?: number;
          "texts"?: NonNullable<Json>;
          "updated_at"?: string;
        };
        Update: {
          "accent_color"?: string | null;
          "address_messages_per_minute"?: number;
          "agent_id"?: string;
          "color_scheme"?: string | null;
          "consent_text"?: string | null;
          "created_at"?: string;
          "created_by"?: string | null;
          "greeting"?: string | null;
          "id"?: string;
          "idle_minutes"?: number;
          "is_consent_required"?: boolean;
          "is_enabled"?: boolean;
          "is_identity_required"?: boolean;
          "key"?: string;
          "locale"?: string | null;
          "messages_per_minute"?: number;
          "messages_per_session"?: number;
          "name"?: string;
          "placement"?: string | null;
          "previous_key"?: string | null;
          "previous_key_until"?: string | null;
          "privacy_url"?: string | null;
          "site_messages_per_minute"?: number;
          "texts"?: NonNullable<Json>;
          "updated_at"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "widgets_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agent_dashboard";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "widgets_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agent_summary";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "widgets_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "widgets_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "bots";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "widgets_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "ai_usage_stats";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "widgets_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "widgets_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "workflow_executions": {
        Row: {
          "completed_at": string | null;
          "created_at": string;
          "error_data": Json | null;
          "execution_id": string | null;
          "execution_time_ms": number | null;
          "id": string;
          "input_data": Json | null;
          "output_data": Json | null;
          "started_at": string;
          "status": string;
          "updated_at": string;
          "workflow_id": string;
        };
        ComputedFields: never;
        Insert: {
          "completed_at"?: string | null;
          "created_at"?: string;
          "error_data"?: Json | null;
          "execution_id"?: string | null;
          "execution_time_ms"?: number | null;
          "id"?: string;
          "input_data"?: Json | null;
          "output_data"?: Json | null;
          "started_at"?: string;
          "status"?: string;
          "updated_at"?: string;
          "workflow_id": string;
        };
        Update: {
          "completed_at"?: string | null;
          "created_at"?: string;
          "error_data"?: Json | null;
          "execution_id"?: string | null;
          "execution_time_ms"?: number | null;
          "id"?: string;
          "input_data"?: Json | null;
          "output_data"?: Json | null;
          "started_at"?: string;
          "status"?: string;
          "updated_at"?: string;
          "workflow_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "workflow_executions_workflow_id_fkey";
            columns: ["workflow_id"];
            isOneToOne: false;
            referencedRelation: "workflows";
            referencedColumns: ["id"];
          },
        ];
      };
      "workflows": {
        Row: {
          "agent_id": string;
          "created_at": string;
          "description": string | null;
          "error_count": number;
          "execution_count": number;
          "id": string;
          "last_execution": string | null;
          "n8n_workflow_id": string | null;
          "name": string;
          "next_execution": string | null;
          "status": string;
          "success_count": number;
          "timeout_seconds": number;
          "trigger_config": NonNullable<Json>;
          "updated_at": string;
          "webhook_endpoint_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "agent_id": string;
          "created_at"?: string;
          "description"?: string | null;
          "error_count"?: number;
          "execution_count"?: number;
          "id"?: string;
          "last_execution"?: string | null;
          "n8n_workflow_id"?: string | null;
          "name": string;
          "next_execution"?: string | null;
          "status"?: string;
          "success_count"?: number;
          "timeout_seconds"?: number;
          "trigger_config"?: NonNullable<Json>;
          "updated_at"?: string;
          "webhook_endpoint_id"?: string | null;
        };
        Update: {
          "agent_id"?: string;
          "created_at"?: string;
          "description"?: string | null;
          "error_count"?: number;
          "execution_count"?: number;
          "id"?: string;
          "last_execution"?: string | null;
          "n8n_workflow_id"?: string | null;
          "name"?: string;
          "next_execution"?: string | null;
          "status"?: string;
          "success_count"?: number;
          "timeout_seconds"?: number;
          "trigger_config"?: NonNullable<Json>;
          "updated_at"?: string;
          "webhook_endpoint_id"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "workflows_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agent_dashboard";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "workflows_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agent_summary";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "workflows_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "workflows_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "bots";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "workflows_webhook_endpoint_id_fkey";
            columns: ["webhook_endpoint_id"];
            isOneToOne: false;
            referencedRelation: "webhook_endpoints";
            referencedColumns: ["id"];
          },
        ];
      };
    };
    Views: {
      "agent_dashboard": {
        Row: {
          "activity_score": number;
          "created_at": string;
          "created_by": string | null;
          "deployed_at": string | null;
          "deployment_status": string | null;
          "description": string | null;
          "enabled": boolean;
          "error_count": number | null;
          "execution_count": number | null;
          "has_drifted": boolean | null;
          "health_checked_at": string | null;
          "health_status": string | null;
          "id": string;
          "last_used_at": string | null;
          "live_version": number | null;
          "model_name": string | null;
          "name": string;
          "organization_id": string | null;
          "status": string;
          "success_count": number | null;
          "tags": (string)[];
          "type": string;
          "updated_at": string;
          "usage_count": number;
          "vendor_id": string | null;
        };
        ComputedFields: never;
        Relationships: [
          {
            foreignKeyName: "agents_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "ai_usage_stats";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "agents_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agents_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agents_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agents_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "teams";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agents_vendor_id_fkey";
            columns: ["vendor_id"];
            isOneToOne: false;
            referencedRelation: "vendors";
            referencedColumns: ["id"];
          },
        ];
      };
      "agent_messages": {
        Row: {
          "audio_duration_ms": number | null;
          "audio_url": string | null;
          "content": string;
          "created_at": string;
          "id": string;
          "latency_ms": number | null;
          "model_used": string | null;
          "role": string;
          "session_id": string;
          "tokens_used": number | null;
        };
        ComputedFields: never;
        Insert: {
          "audio_duration_ms"?: number | null;
          "audio_url"?: string | null;
          "content"?: string | null;
          "created_at"?: string | null;
          "id"?: string | null;
          "latency_ms"?: number | null;
          "model_used"?: string | null;
          "role"?: string | null;
          "session_id"?: string | null;
          "tokens_used"?: number | null;
        };
        Update: {
          "audio_duration_ms"?: number | null;
          "audio_url"?: string | null;
          "content"?: string | null;
          "created_at"?: string | null;
          "id"?: string | null;
          "latency_ms"?: number | null;
          "model_used"?: string | null;
          "role"?: string | null;
          "session_id"?: string | null;
          "tokens_used"?: number | null;
        };
        Relationships: [
          {
            foreignKeyName: "chat_messages_session_id_fkey";
            columns: ["session_id"];
            isOneToOne: false;
            referencedRelation: "agent_sessions";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "chat_messages_session_id_fkey";
            columns: ["session_id"];
            isOneToOne: false;
            referencedRelation: "chat_sessions";
            referencedColumns: ["id"];
          },
        ];
      };
      "agent_sessions": {
        Row: {
          "agent_id": string | null;
          "channel": string;
          "context_data": NonNullable<Json>;
          "conversation_history": Json | null;
          "ended_at": string | null;
          "id": string;
          "ip_address": string | null;
          "last_activity_at": string | null;
          "message_count": number;
          "session_id": string;
          "started_at": string | null;
          "status": string;
          "user_id": string | null;
          "website_domain": string | null;
        };
        ComputedFields: never;
        Insert: {
          "agent_id"?: string | null;
          "channel"?: string | null;
          "context_data"?: Json | null;
          "conversation_history"?: Json | null;
          "ended_at"?: string | null;
          "id"?: string | null;
          "ip_address"?: string | null;
          "last_activity_at"?: string | null;
          "message_count"?: number | null;
          "session_id"?: string | null;
          "started_at"?: string | null;
          "status"?: string | null;
          "user_id"?: string | null;
          "website_domain"?: string | null;
        };
        Update: {
          "agent_id"?: string | null;
          "channel"?: string | null;
          "context_data"?: Json | null;
          "conversation_history"?: Json | null;
          "ended_at"?: string | null;
          "id"?: string | null;
          "ip_address"?: string | null;
          "last_activity_at"?: string | null;
          "message_count"?: number | null;
          "session_id"?: string | null;
          "started_at"?: string | null;
          "status"?: string | null;
          "user_id"?: string | null;
          "website_domain"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "chat_sessions_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agent_dashboard";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "chat_sessions_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agent_summary";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "chat_sessions_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "chat_sessions_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "bots";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "chat_sessions_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "ai_usage_stats";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "chat_sessions_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "chat_sessions_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "agent_summary": {
        Row: {
          "activity_score": number;
          "avg_satisfaction": number | null;
          "avg_usefulness": number | null;
          "capabilities": NonNullable<Json>;
          "created_at": string;
          "description": string | null;
          "features": Json | null;
          "id": string;
          "is_active": boolean;
          "is_favorite": boolean;
          "is_public": boolean;
          "is_published": boolean;
          "last_used_at": string | null;
          "model_name": string | null;
          "name": string;
          "organization_id": string | null;
          "primary_feature": string | null;
          "recorded_cost": number | null;
          "service_id": string | null;
          "service_name": string | null;
          "status": string;
          "tags": (string)[];
          "total_cost": number | null;
          "total_input_tokens": number | null;
          "total_interactions": number | null;
          "total_output_tokens": number | null;
          "type": string;
          "updated_at": string;
          "usage_count": number;
          "user_id": string | null;
          "vendor_id": string | null;
          "vendor_name": string | null;
        };
        ComputedFields: never;
        Relationships: [
          {
            foreignKeyName: "agent_service_is_its_vendors";
            columns: ["vendor_id", "service_id"];
            isOneToOne: false;
            referencedRelation: "vendor_services";
            referencedColumns: ["vendor_id", "id"];
          },
          {
            foreignKeyName: "agents_created_by_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "ai_usage_stats";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "agents_created_by_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agents_created_by_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agents_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agents_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "teams";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agents_service_id_fkey";
            columns: ["service_id"];
            isOneToOne: false;
            referencedRelation: "vendor_services";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agents_vendor_id_fkey";
            columns: ["vendor_id"];
            isOneToOne: false;
            referencedRelation: "vendors";
            referencedColumns: ["id"];
          },
        ];
      };
      "agent_usage": {
        Row: {
          "agent_id": string | null;
          "duration_minutes": number | null;
          "failed": number | null;
          "input_tokens": number | null;
          "interactions": number | null;
          "organization_id": string | null;
          "output_tokens": number | null;
          "recorded": number | null;
          "recorded_cost": number | null;
          "satisfaction_count": number | null;
          "satisfaction_sum": number | null;
          "total_cost": number | null;
          "unpriced": number | null;
          "usefulness_count": number | null;
          "usefulness_sum": number | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "agent_usage_daily": {
        Row: {
          "agent_id": string | null;
          "date": string | null;
          "failed_interactions": number | null;
          "organization_id": string | null;
          "recorded_cost": number | null;
          "total_cost": number | null;
          "total_input_tokens": number | null;
          "total_interactions": number | null;
          "total_output_tokens": number | null;
          "unique_users": number | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "ai_agents": {
        Row: {
          "activity_score": number | null;
          "capabilities": Json | null;
          "configuration": Json | null;
          "created_at": string | null;
          "description": string | null;
          "id": string | null;
          "is_active": boolean | null;
          "is_favorite": boolean | null;
          "is_public": boolean | null;
          "last_used_at": string | null;
          "model_name": string | null;
          "name": string | null;
          "notes": string | null;
          "service_id": string | null;
          "system_prompt": string | null;
          "tags": (string)[] | null;
          "updated_at": string | null;
          "usage_count": number | null;
          "user_id": string | null;
          "vendor_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "activity_score"?: number | null;
          "capabilities"?: Json | null;
          "configuration"?: Json | null;
          "created_at"?: string | null;
          "description"?: string | null;
          "id"?: string | null;
          "is_active"?: boolean | null;
          "is_favorite"?: boolean | null;
          "is_public"?: boolean | null;
          "last_used_at"?: string | null;
          "model_name"?: string | null;
          "name"?: string | null;
          "notes"?: string | null;
          "service_id"?: string | null;
          "system_prompt"?: string | null;
          "tags"?: (string)[] | null;
          "updated_at"?: string | null;
          "usage_count"?: number | null;
          "user_id"?: string | null;
          "vendor_id"?: string | null;
        };
        Update: {
          "activity_score"?: number | null;
          "capabilities"?: Json | null;
          "configuration"?: Json | null;
          "created_at"?: string | null;
          "description"?: string | null;
          "id"?: string | null;
          "is_active"?: boolean | null;
          "is_favorite"?: boolean | null;
          "is_public"?: boolean | null;
          "last_used_at"?: string | null;
          "model_name"?: string | null;
          "name"?: string | null;
          "notes"?: string | null;
          "service_id"?: string | null;
          "system_prompt"?: string | null;
          "tags"?: (string)[] | null;
          "updated_at"?: string | null;
          "usage_count"?: number | null;
          "user_id"?: string | null;
          "vendor_id"?: string | null;
        };
        Relationships: [];
      };
      "ai_usage_stats": {
        Row: {
          "avg_satisfaction": number | null;
          "avg_usefulness": number | null;
          "date": string | null;
          "feature_usage": Json | null;
          "id": string | null;
          "recorded_cost": number | null;
          "total_cost": number | null;
          "total_duration_minutes": number | null;
          "total_input_tokens": number | null;
          "total_interactions": number | null;
          "total_output_tokens": number | null;
          "unique_agents_used": number | null;
          "user_id": string;
          "vendor_usage": Json | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "bots": {
        Row: {
          "config": NonNullable<Json>;
          "config_json": Json | null;
          "created_at": string;
          "created_by": string | null;
          "description": string | null;
          "id": string;
          "is_active": boolean | null;
          "is_published": boolean;
          "knowledge_base_ids": (string)[];
          "llm_model": string | null;
          "llm_provider": string | null;
          "max_tokens": number | null;
          "name": string;
          "organization_id": string | null;
          "security": NonNullable<Json>;
          "speech_processing": NonNullable<Json>;
          "system_prompt": string | null;
          "temperature": number | null;
          "updated_at": string;
          "version": number;
          "voice_id": string | null;
          "voice_provider": string | null;
          "voice_settings": NonNullable<Json>;
        };
        ComputedFields: never;
        Insert: {
          "config"?: Json | null;
          "config_json"?: Json | null;
          "created_at"?: string | null;
          "created_by"?: string | null;
          "description"?: string | null;
          "id"?: string | null;
          "is_active"?: boolean | null;
          "is_published"?: boolean | null;
          "knowledge_base_ids"?: (string)[] | null;
          "llm_model"?: string | null;
          "llm_provider"?: string | null;
          "max_tokens"?: number | null;
          "name"?: string | null;
          "organization_id"?: string | null;
          "security"?: Json | null;
          "speech_processing"?: Json | null;
          "system_prompt"?: string | null;
          "temperature"?: number | null;
          "updated_at"?: string | null;
          "version"?: number | null;
          "voice_id"?: string | null;
          "voice_provider"?: string | null;
          "voice_settings"?: Json | null;
        };
        Update: {
          "config"?: Json | null;
          "config_json"?: Json | null;
          "created_at"?: string | null;
          "created_by"?: string | null;
          "description"?: string | null;
          "id"?: string | null;
          "is_active"?: boolean | null;
          "is_published"?: boolean | null;
          "knowledge_base_ids"?: (string)[] | null;
          "llm_model"?: string | null;
          "llm_provider"?: string | null;
          "max_tokens"?: number | null;
          "name"?: string | null;
          "organization_id"?: string | null;
          "security"?: Json | null;
          "speech_processing"?: Json | null;
          "system_prompt"?: string | null;
          "temperature"?: number | null;
          "updated_at"?: string | null;
          "version"?: number | null;
          "voice_id"?: string | null;
          "voice_provider"?: string | null;
          "voice_settings"?: Json | null;
        };
        Relationships: [
          {
            foreignKeyName: "agents_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "ai_usage_stats";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "agents_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agents_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agents_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agents_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "teams";
            referencedColumns: ["id"];
          },
        ];
      };
      "budget_status": {
        Row: {
          "access_key_id": string | null;
          "agent_id": string | null;
          "id": string;
          "is_active": boolean;
          "limit_usd": number;
          "organization_id": string;
          "period": string;
          "period_started_at": string | null;
          "remaining_usd": number | null;
          "reserved_usd": number;
          "resets_at": string | null;
          "spent_usd": number | null;
          "user_id": string | null;
        };
        ComputedFields: never;
        Relationships: [
          {
            foreignKeyName: "budget_is_for_a_member";
            columns: ["organization_id", "user_id"];
            isOneToOne: false;
            referencedRelation: "organization_members";
            referencedColumns: ["organization_id", "user_id"];
          },
          {
            foreignKeyName: "budget_is_for_a_member";
            columns: ["organization_id", "user_id"];
            isOneToOne: false;
            referencedRelation: "user_roles";
            referencedColumns: ["team_id", "user_id"];
          },
          {
            foreignKeyName: "budget_is_for_an_access_key_of_the_organization";
            columns: ["organization_id", "access_key_id"];
            isOneToOne: false;
            referencedRelation: "access_keys";
            referencedColumns: ["organization_id", "id"];
          },
          {
            foreignKeyName: "budgets_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agent_dashboard";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "budgets_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agent_summary";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "budgets_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "budgets_agent_id_fkey";
            columns: ["agent_id"];
            isOneToOne: false;
            referencedRelation: "bots";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "budgets_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "budgets_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "teams";
            referencedColumns: ["id"];
          },
        ];
      };
      "daily_usage": {
        Row: {
          "agent_id": string | null;
          "date": string | null;
          "duration_minutes": number | null;
          "failed": number | null;
          "input_tokens": number | null;
          "interactions": number | null;
          "model_name": string | null;
          "organization_id": string | null;
          "output_tokens": number | null;
          "recorded": number | null;
          "recorded_cost": number | null;
          "satisfaction_count": number | null;
          "satisfaction_sum": number | null;
          "total_cost": number | null;
          "unpriced": number | null;
          "usefulness_count": number | null;
          "usefulness_sum": number | null;
          "user_id": string | null;
          "vendor_id": string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "deleted_organizations": {
        Row: {
          "deleted_at": string | null;
          "id": string | null;
          "name": string | null;
          "purged_after": string | null;
          "role": string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "job_status": {
        Row: {
          "consecutive_failures": number | null;
          "description": string;
          "failing_items": number | null;
          "is_behind": boolean | null;
          "is_due": boolean | null;
          "is_enabled": boolean;
          "is_late": boolean | null;
          "is_running": boolean | null;
          "items_left": number | null;
          "last_duration": string | null;
          "last_error": string | null;
          "last_finished_at": string | null;
          "last_outcome": string | null;
          "last_result": string | null;
          "last_started_at": string | null;
          "last_success_at": string | null;
          "name": string;
          "oldest_due_at": string | null;
          "oldest_item": string | null;
          "schedule": string;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "organization_people": {
        Row: {
          "avatar_url": string | null;
          "email": string | null;
          "full_name": string | null;
          "last_active_at": string | null;
          "organization_id": string;
          "role": string;
          "user_id": string;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "public_agents": {
        Row: {
          "activity_score": number;
          "capabilities": NonNullable<Json>;
          "created_at": string;
          "description": string | null;
          "id": string;
          "is_public": boolean;
          "is_published": boolean;
          "model_name": string | null;
          "name": string;
          "status": string;
          "tags": (string)[];
          "type": string;
          "updated_at": string;
          "vendor_id": string | null;
          "voice_id": string | null;
          "voice_provider": string | null;
        };
        ComputedFields: never;
        Insert: {
          "activity_score"?: number | null;
          "capabilities"?: Json | null;
          "created_at"?: string | null;
          "description"?: string | null;
          "id"?: string | null;
          "is_public"?: boolean | null;
          "is_published"?: boolean | null;
          "model_name"?: string | null;
          "name"?: string | null;
          "status"?: string | null;
          "tags"?: (string)[] | null;
          "type"?: string | null;
          "updated_at"?: string | null;
          "vendor_id"?: string | null;
          "voice_id"?: string | null;
          "voice_provider"?: string | null;
        };
        Update: {
          "activity_score"?: number | null;
          "capabilities"?: Json | null;
          "created_at"?: string | null;
          "description"?: string | null;
          "id"?: string | null;
          "is_public"?: boolean | null;
          "is_published"?: boolean | null;
          "model_name"?: string | null;
          "name"?: string | null;
          "status"?: string | null;
          "tags"?: (string)[] | null;
          "type"?: string | null;
          "updated_at"?: string | null;
          "vendor_id"?: string | null;
          "voice_id"?: string | null;
          "voice_provider"?: string | null;
        };
        Relationships: [];
      };
      "public_models": {
        Row: {
          "agent_id": string;
          "display_name": string | null;
          "id": string;
          "is_default": boolean;
          "name": string;
          "provider": string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "recent_interactions": {
        Row: {
          "agent_id": string | null;
          "agent_name": string | null;
          "content_preview": string | null;
          "created_at": string;
          "description": string | null;
          "duration_minutes": number | null;
          "ended_at": string | null;
          "external_link": string | null;
          "id": string | null;
          "input_tokens": number;
          "interaction_color": string | null;
          "interaction_icon": string | null;
          "interaction_type": string;
          "interaction_type_id": string;
          "model_name": string | null;
          "organization_id": string;
          "output_tokens": number;
          "satisfaction_rating": number | null;
          "session_id": string | null;
          "source": string;
          "started_at": string | null;
          "status": string;
          "tags": (string)[];
          "title": string;
          "total_cost": number | null;
          "turn_state": string | null;
          "usefulness_rating": number | null;
          "user_id": string | null;
          "vendor_id": string | null;
          "vendor_name": string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "teams": {
        Row: {
          "created_at": string;
          "created_by": string | null;
          "id": string;
          "name": string;
          "plan": string;
          "slug": string;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string | null;
          "created_by"?: string | null;
          "id"?: string | null;
          "name"?: string | null;
          "plan"?: string | null;
          "slug"?: string | null;
          "updated_at"?: string | null;
        };
        Update: {
          "created_at"?: string | null;
          "created_by"?: string | null;
          "id"?: string | null;
          "name"?: string | null;
          "plan"?: string | null;
          "slug"?: string | null;
          "updated_at"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "organizations_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "ai_usage_stats";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "organizations_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "organizations_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "organizations_plan_fkey";
            columns: ["plan"];
            isOneToOne: false;
            referencedRelation: "plans";
            referencedColumns: ["id"];
          },
        ];
      };
      "user_roles": {
        Row: {
          "granted_at": string;
          "granted_by": string | null;
          "id": string | null;
          "role": string;
          "team_id": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "granted_at"?: string | null;
          "granted_by"?: string | null;
          "id"?: string | null;
          "role"?: string | null;
          "team_id"?: string | null;
          "user_id"?: string | null;
        };
        Update: {
          "granted_at"?: string | null;
          "granted_by"?: string | null;
          "id"?: string | null;
          "role"?: string | null;
          "team_id"?: string | null;
          "user_id"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "organization_members_granted_by_fkey";
            columns: ["granted_by"];
            isOneToOne: false;
            referencedRelation: "ai_usage_stats";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "organization_members_granted_by_fkey";
            columns: ["granted_by"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "organization_members_granted_by_fkey";
            columns: ["granted_by"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "organization_members_organization_id_fkey";
            columns: ["team_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "organization_members_organization_id_fkey";
            columns: ["team_id"];
            isOneToOne: false;
            referencedRelation: "teams";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "organization_members_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "ai_usage_stats";
            referencedColumns: ["user_id"];
          },
          {
            foreignKeyName: "organization_members_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "organization_members_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "users": {
        Row: {
          "avatar_url": string | null;
          "created_at": string;
          "email": string | null;
          "full_name": string | null;
          "id": string;
          "subscription_tier": string;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "avatar_url"?: string | null;
          "created_at"?: string | null;
          "email"?: string | null;
          "full_name"?: string | null;
          "id"?: string | null;
          "subscription_tier"?: string | null;
          "updated_at"?: string | null;
        };
        Update: {
          "avatar_url"?: string | null;
          "created_at"?: string | null;
          "email"?: string | null;
          "full_name"?: string | null;
          "id"?: string | null;
          "subscription_tier"?: string | null;
          "updated_at"?: string | null;
        };
        Relationships: [];
      };
    };
    Functions: {
      "accept_invitation": { Args: { "token": string }; Returns: string };
      "add_vendor": {
        Args: {
          "api_format"?: string;
          "auth_header"?: string;
          "auth_scheme"?: string;
          "auth_type"?: string;
          "base_url"?: string;
          "description"?: string;
          "id": string;
          "name": string;
        };
        Returns: string;
      };
      "add_vendor_service": {
        Args: {
          "context_window"?: number;
          "description"?: string;
          "display_name"?: string;
          "id": string;
          "max_output_tokens"?: number;
          "service_kind"?: string;
          "service_name": string;
          "vendor_id": string;
        };
        Returns: string;
      };
      "agent_configuration_schema": { Args: Record<PropertyKey, never>; Returns: Json };
      "agent_runtime_config": { Args: { "agent": string; "version"?: number }; Returns: Json };
      "agent_summaries": {
        Args: { "before"?: string; "before_id"?: string; "page_size"?: number };
        Returns: {
          "activity_score": number;
          "avg_satisfaction": number | null;
          "avg_usefulness": number | null;
          "capabilities": NonNullable<Json>;
          "created_at": string;
          "description": string | null;
          "features": Json | null;
          "id": string;
          "is_active": boolean;
          "is_favorite": boolean;
          "is_public": boolean;
          "is_published": boolean;
          "last_used_at": string | null;
          "model_name": string | null;
          "name": string;
          "organization_id": string | null;
          "primary_feature": string | null;
          "recorded_cost": number | null;
          "service_id": string | null;
          "service_name": string | null;
          "status": string;
          "tags": (string)[];
          "total_cost": number | null;
          "total_input_tokens": number | null;
          "total_interactions": number | null;
          "total_output_tokens": number | null;
          "type": string;
          "updated_at": string;
          "usage_count": number;
          "user_id": string | null;
          "vendor_id": string | null;
          "vendor_name": string | null;
        }[];
        SetofOptions: {
          from: "*";
          to: "agent_summary";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "agent_thought_tree": { Args: { "execution": string }; Returns: Json };
      "agents":
        | {
          Args: {
            "agent_executions": Omit<
              Database["public"]["Tables"]["agent_executions"]["Row"],
              Database["public"]["Tables"]["agent_executions"]["ComputedFields"]
            >;
          };
          Returns: {
            "activity_score": number;
            "capabilities": NonNullable<Json>;
            "config": NonNullable<Json>;
            "config_json": Json | null;
            "created_at": string;
            "created_by": string | null;
            "deployment_config": NonNullable<Json>;
            "description": string | null;
            "enabled": boolean;
            "id": string;
            "is_active": boolean | null;
            "is_favorite": boolean;
            "is_platform": boolean;
            "is_public": boolean;
            "is_published": boolean;
            "knowledge_base_ids": (string)[];
            "last_used_at": string | null;
            "llm_model": string | null;
            "llm_provider": string | null;
            "max_tokens": number | null;
            "model_name": string | null;
            "name": string;
            "notes": string | null;
            "organization_id": string | null;
            "security": NonNullable<Json>;
            "service_id": string | null;
            "speech_processing": NonNullable<Json>;
            "status": string;
            "system_prompt": string | null;
            "tags": (string)[];
            "team_id": string | null;
            "temperature": number | null;
            "type": string;
            "updated_at": string;
            "usage_count": number;
            "vendor_id": string | null;
            "version": number;
            "voice_id": string | null;
            "voice_provider": string | null;
            "voice_settings": NonNullable<Json>;
          };
          SetofOptions: {
            from: "agent_executions";
            to: "agents";
            isOneToOne: true;
            isSetofReturn: true;
          };
        }
        | {
          Args: {
            "ai_interactions": Omit<
              Database["public"]["Tables"]["ai_interactions"]["Row"],
              Database["public"]["Tables"]["ai_interactions"]["ComputedFields"]
            >;
          };
          Returns: {
            "activity_score": number;
            "capabilities": NonNullable<Json>;
            "config": NonNullable<Json>;
            "config_json": Json | null;
            "created_at": string;
            "created_by": string | null;
            "deployment_config": NonNullable<Json>;
            "description": string | null;
            "enabled": boolean;
            "id": string;
            "is_active": boolean | null;
            "is_favorite": boolean;
            "is_platform": boolean;
            "is_public": boolean;
            "is_published": boolean;
            "knowledge_base_ids": (string)[];
            "last_used_at": string | null;
            "llm_model": string | null;
            "llm_provider": string | null;
            "max_tokens": number | null;
            "model_name": string | null;
            "name": string;
            "notes": string | null;
            "organization_id": string | null;
            "security": NonNullable<Json>;
            "service_id": string | null;
            "speech_processing": NonNullable<Json>;
            "status": string;
            "system_prompt": string | null;
            "tags": (string)[];
            "team_id": string | null;
            "temperature": number | null;
            "type": string;
            "updated_at": string;
            "usage_count": number;
            "vendor_id": string | null;
            "version": number;
            "voice_id": string | null;
            "voice_provider": string | null;
            "voice_settings": NonNullable<Json>;
          };
          SetofOptions: {
            from: "ai_interactions";
            to: "agents";
            isOneToOne: true;
            isSetofReturn: true;
          };
        };
      "ai_interactions":
        | {
          Args: {
            "agents": Omit<
              Database["public"]["Tables"]["agents"]["Row"],
              Database["public"]["Tables"]["agents"]["ComputedFields"]
            >;
          };
          Returns: {
            "access_key_id": string | null;
            "agent_id": string | null;
            "cache_write_tokens": number;
            "cached_input_tokens": number;
            "content_preview": string | null;
            "cost_breakdown": Json | null;
            "created_at": string;
            "description": string | null;
            "duration_minutes": number | null;
            "ended_at": string | null;
            "error_code": string | null;
            "error_message": string | null;
            "external_id": string | null;
            "external_link": string | null;
            "external_metadata": NonNullable<Json>;
            "feedback_notes": string | null;
            "finish_reason": string | null;
            "first_token_ms": number | null;
            "full_content": string | null;
            "id": string;
            "input_tokens": number;
            "interaction_type_id": string;
            "keywords": (string)[];
            "latency_ms": number | null;
            "model_id": string | null;
            "model_name": string | null;
            "organization_id": string;
            "output_tokens": number;
            "price_id": string | null;
            "provider_cost": number | null;
            "reasoning_tokens": number;
            "request_id": string | null;
            "satisfaction_rating": number | null;
            "service_id": string | null;
            "session_id": string | null;
            "source": string;
            "started_at": string;
            "status": string;
            "tags": (string)[];
            "title": string;
            "total_cost": number | null;
            "turn_state": string | null;
            "updated_at": string;
            "usage_is_estimated": boolean;
            "usefulness_rating": number | null;
            "user_id": string | null;
            "vendor_id": string | null;
          }[];
          SetofOptions: {
            from: "agents";
            to: "ai_interactions";
            isOneToOne: false;
            isSetofReturn: true;
          };
        }
        | {
          Args: {
            "chat_messages": Omit<
              Database["public"]["Tables"]["chat_messages"]["Row"],
              Database["public"]["Tables"]["chat_messages"]["ComputedFields"]
            >;
          };
          Returns: {
            "access_key_id": string | null;
            "agent_id": string | null;
            "cache_write_tokens": number;
            "cached_input_tokens": number;
            "content_preview": string | null;
            "cost_breakdown": Json | null;
            "created_at": string;
            "description": string | null;
            "duration_minutes": number | null;
            "ended_at": string | null;
            "error_code": string | null;
            "error_message": string | null;
            "external_id": string | null;
            "external_link": string | null;
            "external_metadata": NonNullable<Json>;
            "feedback_notes": string | null;
            "finish_reason": string | null;
            "first_token_ms": number | null;
            "full_content": string | null;
            "id": string;
            "input_tokens": number;
            "interaction_type_id": string;
            "keywords": (string)[];
            "latency_ms": number | null;
            "model_id": string | null;
            "model_name": string | null;
            "organization_id": string;
            "output_tokens": number;
            "price_id": string | null;
            "provider_cost": number | null;
            "reasoning_tokens": number;
            "request_id": string | null;
            "satisfaction_rating": number | null;
            "service_id": string | null;
            "session_id": string | null;
            "source": string;
            "started_at": string;
            "status": string;
            "tags": (string)[];
            "title": string;
            "total_cost": number | null;
            "turn_state": string | null;
            "updated_at": string;
            "usage_is_estimated": boolean;
            "usefulness_rating": number | null;
            "user_id": string | null;
            "vendor_id": string | null;
          };
          SetofOptions: {
            from: "chat_messages";
            to: "ai_interactions";
            isOneToOne: true;
            isSetofReturn: true;
          };
        };
      "append_response_events": {
        Args: { "events": Json; "first_number": number; "turn_id": string };
        Returns: boolean;
      };
      "begin_chat_turn": { Args: { "caller": Json; "request": Json }; Returns: Json };
      "begin_visitor_turn": { Args: { "request": Json; "visitor": Json }; Returns: Json };
      "begin_voice_turn": { Args: { "caller": Json; "request": Json }; Returns: Json };
      "cancel_execution": {
        Args: { "execution": string };
        Returns: {
          "completed_at": string | null;
          "created_at": string;
          "error_data": Json | null;
          "execution_id": string | null;
          "execution_time_ms": number | null;
          "id": string;
          "input_data": Json | null;
          "output_data": Json | null;
          "started_at": string;
          "status": string;
          "updated_at": string;
          "workflow_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "workflow_executions";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "cancel_response": { Args: { "caller": Json; "turn_id": string }; Returns: Json };
      "change_api_key": {
        Args: { "caller": Json; "changes": Json; "key_id": string };
        Returns: Json;
      };
      "change_webhook": { Args: { "caller": Json; "request": Json }; Returns: Json };
      "chat_messages": {
        Args: {
          "ai_interactions": Omit<
            Database["public"]["Tables"]["ai_interactions"]["Row"],
            Database["public"]["Tables"]["ai_interactions"]["ComputedFields"]
          >;
        };
        Returns: {
          "audio_duration_ms": number | null;
          "audio_path": string | null;
          "audio_url": string | null;
          "content": string;
          "content_fingerprint": string | null;
          "content_parts": Json | null;
          "continuation": Json | null;
          "created_at": string;
          "finish_reason": string | null;
          "history_fingerprint": string | null;
          "id": string;
          "interaction_id": string | null;
          "latency_ms": number | null;
          "model_used": string | null;
          "name": string | null;
          "role": string;
          "seq": number;
          "session_id": string;
          "status": string;
          "tokens_in": number | null;
          "tokens_out": number | null;
          "tokens_used": number | null;
          "tool_call_id": string | null;
          "tool_calls": Json | null;
        }[];
        SetofOptions: {
          from: "ai_interactions";
          to: "chat_messages";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "check_connection": { Args: Record<PropertyKey, never>; Returns: Json };
      "claim_agent_probes": { Args: { "batch"?: number }; Returns: Json };
      "claim_recordings_to_delete": { Args: { "batch"?: number }; Returns: Json };
      "claim_webhook_deliveries": { Args: { "batch"?: number }; Returns: Json };
      "conversation_history": {
        Args: {
          "session": Omit<
            Database["public"]["Tables"]["chat_sessions"]["Row"],
            Database["public"]["Tables"]["chat_sessions"]["ComputedFields"]
          >;
        };
        Returns: Json;
      };
      "correct_chat_turn": { Args: { "correction": Json; "turn_id": string }; Returns: Json };
      "count_encrypted_values": {
        Args: Record<PropertyKey, never>;
        Returns: {
          "amount": number;
          "column_name": string;
          "key_id": string;
          "table_name": string;
        }[];
      };
      "count_prompt": { Args: { "caller": Json; "request": Json }; Returns: Json };
      "count_refused_call": { Args: { "caller": Json; "scope": string }; Returns: Json };
      "count_unread_notifications": { Args: Record<PropertyKey, never>; Returns: number };
      "create_access_key": { Args: { "caller": Json; "request": Json }; Returns: Json };
      "create_agent_from_template": {
        Args: { "name": string; "organization"?: string; "template": string };
        Returns: {
          "activity_score": number;
          "capabilities": NonNullable<Json>;
          "config": NonNullable<Json>;
          "config_json": Json | null;
          "created_at": string;
          "created_by": string | null;
          "deployment_config": NonNullable<Json>;
          "description": string | null;
          "enabled": boolean;
          "id": string;
          "is_active": boolean | null;
          "is_favorite": boolean;
          "is_platform": boolean;
          "is_public": boolean;
          "is_published": boolean;
          "knowledge_base_ids": (string)[];
          "last_used_at": string | null;
          "llm_model": string | null;
          "llm_provider": string | null;
          "max_tokens": number | null;
          "model_name": string | null;
          "name": string;
          "notes": string | null;
          "organization_id": string | null;
          "security": NonNullable<Json>;
          "service_id": string | null;
          "speech_processing": NonNullable<Json>;
          "status": string;
          "system_prompt": string | null;
          "tags": (string)[];
          "team_id": string | null;
          "temperature": number | null;
          "type": string;
          "updated_at": string;
          "usage_count": number;
          "vendor_id": string | null;
          "version": number;
          "voice_id": string | null;
          "voice_provider": string | null;
          "voice_settings": NonNullable<Json>;
        };
        SetofOptions: {
          from: "*";
          to: "agents";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "create_api_key": { Args: { "caller": Json; "key": Json }; Returns: Json };
      "create_mcp_session": { Args: { "lifetime"?: string; "state"?: Json }; Returns: Json };
      "create_webhook": { Args: { "caller": Json; "request": Json }; Returns: Json };
      "create_widget_ticket": { Args: { "page": Json; "token_hash": string }; Returns: Json };
      "delete_account": { Args: Record<PropertyKey, never>; Returns: undefined };
      "delete_agent_config": { Args: { "caller": Json; "id": string }; Returns: boolean };
      "delete_api_key": { Args: { "caller": Json; "key_id": string }; Returns: undefined };
      "delete_oauth_token": { Args: { "caller": Json; "provider": string }; Returns: Json };
      "delete_organization": { Args: { "organization_id": string }; Returns: undefined };
      "delete_response": { Args: { "caller": Json; "turn_id": string }; Returns: Json };
      "delete_visitor_session": { Args: { "visitor": Json }; Returns: boolean };
      "deploy_agent": {
        Args: { "agent": string; "trigger"?: string; "trigger_config"?: Json };
        Returns: {
          "agent_id": string;
          "called_at": string | null;
          "created_at": string;
          "deployed_at": string | null;
          "deployment_url": string | null;
          "error_message": string | null;
          "id": string;
          "progress_message": string | null;
          "progress_percent": number | null;
          "scheduled_at": string | null;
          "snapshot": NonNullable<Json>;
          "status": string;
          "stopped_at": string | null;
          "trigger_config": NonNullable<Json>;
          "trigger_type": string | null;
          "updated_at": string;
          "version": number;
          "webhook_endpoint_id": string | null;
        };
        SetofOptions: {
          from: "*";
          to: "deployments";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "end_visitor_session": { Args: { "visitor": Json }; Returns: boolean };
      "end_voice_turn": { Args: { "caller": Json; "outcome": Json }; Returns: undefined };
      "expire_mcp_sessions": { Args: { "batch"?: number }; Returns: number };
      "find_oauth_session": { Args: { "caller": Json; "provider": string }; Returns: Json };
      "find_response": { Args: { "caller": Json; "turn_id": string }; Returns: Json };
      "find_response_items": { Args: { "caller": Json; "ids": Json }; Returns: Json };
      "find_visitor_message": { Args: { "message_id": string; "visitor": Json }; Returns: Json };
      "finish_oauth_refresh": {
        Args: { "claimant": string; "outcome": Json; "session_id": string };
        Returns: Json;
      };
      "get_access_key_usage": {
        Args: { "from_date": string; "to_date": string };
        Returns: {
          "access_key_id": string;
          "failed": number;
          "input_tokens": number;
          "interactions": number;
          "name": string;
          "output_tokens": number;
          "recorded_cost": number;
          "total_cost": number;
        }[];
      };
      "get_agent_usage_summary": {
        Args: { "agent_id": string; "days"?: number };
        Returns: {
          "avg_satisfaction": number;
          "avg_usefulness": number;
          "failed_interactions": number;
          "first_used_at": string;
          "last_used_at": string;
          "recorded_cost": number;
          "total_cost": number;
          "total_duration_minutes": number;
          "total_input_tokens": number;
          "total_interactions": number;
          "total_output_tokens": number;
        }[];
      };
      "get_agent_with_features": { Args: { "agent_id": string }; Returns: Json };
      "get_key_rules": {
        Args: { "caller": Json; "service_id"?: string; "vendor_id": string };
        Returns: Json;
      };
      "get_key_to_replace": { Args: { "caller": Json; "key_id": string }; Returns: Json };
      "get_usage": {
        Args: { "by": string; "from_date": string; "organization_id"?: string; "to_date": string };
        Returns: {
          "avg_satisfaction": number;
          "avg_usefulness": number;
          "failed": number;
          "input_tokens": number;
          "interactions": number;
          "key": string;
          "label": string;
          "output_tokens": number;
          "recorded": number;
          "recorded_cost": number;
          "satisfaction_ratings": number;
          "total_cost": number;
          "unpriced": number;
          "usefulness_ratings": number;
        }[];
      };
      "get_usage_report": {
        Args: {
          "days"?: number;
          "from_date"?: string;
          "organization"?: string;
          "to_date"?: string;
        };
        Returns: Json;
      };
      "get_user_api_key": {
        Args: { "service_id"?: string; "user_id": string; "vendor_id": string };
        Returns: string;
      };
      "get_widget": { Args: { "key": string; "origin": string }; Returns: Json };
      "give_up_oauth_token": {
        Args: { "ciphertext": string; "session_id": string };
        Returns: undefined;
      };
      "health_report": { Args: Record<PropertyKey, never>; Returns: Json };
      "in_history": {
        Args: {
          "message": Omit<
            Database["public"]["Tables"]["chat_messages"]["Row"],
            Database["public"]["Tables"]["chat_messages"]["ComputedFields"]
          >;
        };
        Returns: boolean;
      };
      "interaction_types": {
        Args: {
          "ai_interactions": Omit<
            Database["public"]["Tables"]["ai_interactions"]["Row"],
            Database["public"]["Tables"]["ai_interactions"]["ComputedFields"]
          >;
        };
        Returns: {
          "category": string | null;
          "color": string | null;
          "created_at": string;
          "description": string | null;
          "icon": string | null;
          "id": string;
          "is_active": boolean;
          "name": string;
          "sort_order": number;
          "updated_at": string;
        };
        SetofOptions: {
          from: "ai_interactions";
          to: "interaction_types";
          isOneToOne: true;
          isSetofReturn: true;
        };
      };
      "invite_member": {
        Args: { "email": string; "organization_id": string; "role": string };
        Returns: string;
      };
      "last_activity": {
        Args: {
          "agent": Omit<
            Database["public"]["Tables"]["agents"]["Row"],
            Database["public"]["Tables"]["agents"]["ComputedFields"]
          >;
        };
        Returns: string;
      };
      "leave_organization": { Args: { "organization_id": string }; Returns: undefined };
      "list_agent_configs": { Args: { "agent_id": string; "caller": Json }; Returns: Json };
      "list_audit_events": {
        Args: {
          "action"?: string;
          "actor_id"?: string;
          "before"?: string;
          "before_id"?: string;
          "organization_id": string;
          "page_size"?: number;
          "row_id"?: string;
          "since"?: string;
          "table_name"?: string;
        };
        Returns: {
          "access_key_id": string | null;
          "action": string;
          "actor_id": string | null;
          "actor_name": string | null;
          "actor_type": string;
          "after": Json | null;
          "before": Json | null;
          "created_at": string;
          "id": string;
          "organization_id": string | null;
          "row_id": string;
          "table_name": string;
        }[];
        SetofOptions: {
          from: "*";
          to: "audit_events";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "list_chat_models": {
        Args: { "caller": Json; "model"?: string; "rate_limit"?: boolean };
        Returns: Json;
      };
      "list_encrypted_columns": {
        Args: Record<PropertyKey, never>;
        Returns: {
          "column_name": string;
          "table_name": string;
        }[];
      };
      "list_interactions": {
        Args: {
          "agent_id"?: string;
          "before"?: string;
          "before_id"?: string;
          "organization_id"?: string;
          "page_size"?: number;
          "user_id"?: string;
          "vendor_id"?: string;
        };
        Returns: {
          "agent_id": string | null;
          "agent_name": string | null;
          "content_preview": string | null;
          "created_at": string;
          "description": string | null;
          "duration_minutes": number | null;
          "ended_at": string | null;
          "external_link": string | null;
          "id": string | null;
          "input_tokens": number;
          "interaction_color": string | null;
          "interaction_icon": string | null;
          "interaction_type": string;
          "interaction_type_id": string;
          "model_name": string | null;
          "organization_id": string;
          "output_tokens": number;
          "satisfaction_rating": number | null;
          "session_id": string | null;
          "source": string;
          "started_at": string | null;
          "status": string;
          "tags": (string)[];
          "title": string;
          "total_cost": number | null;
          "turn_state": string | null;
          "usefulness_rating": number | null;
          "user_id": string | null;
          "vendor_id": string | null;
          "vendor_name": string | null;
        }[];
        SetofOptions: {
          from: "*";
          to: "recent_interactions";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "list_notification_types": {
        Args: Record<PropertyKey, never>;
        Returns: {
          "in_app": boolean;
          "meaning": string;
          "priority": string;
          "slack": boolean;
          "type": string;
          "webhook": boolean;
        }[];
      };
      "list_oauth_tokens": { Args: { "caller": Json }; Returns: Json };
      "list_report_secrets": {
        Args: { "deployment"?: string; "workflow"?: string };
        Returns: Json;
      };
      "list_response_events": {
        Args: { "after": number; "caller": Json; "turn_id": string };
        Returns: Json;
      };
      "list_response_input": {
        Args: { "caller": Json; "paging": Json; "turn_id": string };
        Returns: Json;
      };
      "list_sessions": {
        Args: { "before"?: string; "before_id"?: string; "page_size"?: number };
        Returns: {
          "agent_id": string | null;
          "channel": string;
          "context_data": NonNullable<Json>;
          "created_at": string;
          "current_branch": unknown;
          "ended_at": string | null;
          "id": string;
          "ip_address": unknown;
          "last_activity_at": string;
          "message_count": number;
          "metadata": NonNullable<Json>;
          "model_id": string | null;
          "org_id": string;
          "prompt_limit": number | null;
          "session_id": string;
          "started_at": string;
          "status": string;
          "title": string | null;
          "updated_at": string;
          "user_id": string | null;
          "website_domain": string | null;
        }[];
        SetofOptions: {
          from: "*";
          to: "chat_sessions";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "list_values_to_rotate": {
        Args: {
          "active_key": string;
          "after": string;
          "batch": number;
          "column_name": string;
          "table_name": string;
        };
        Returns: {
          "blob": string;
          "owner": string;
          "row_id": string;
          "scope": string;
        }[];
      };
      "list_visitor_messages": { Args: { "after": number; "visitor": Json }; Returns: Json };
      "list_widget_secrets": { Args: { "key": string; "origin": string }; Returns: Json };
      "mark_notifications_read": { Args: { "batch"?: number; "before"?: string }; Returns: Json };
      "merge_mcp_state": { Args: { "changes": Json; "session_id": string }; Returns: Json };
      "models": {
        Args: {
          "ai_interactions": Omit<
            Database["public"]["Tables"]["ai_interactions"]["Row"],
            Database["public"]["Tables"]["ai_interactions"]["ComputedFields"]
          >;
        };
        Returns: {
          "agent_id": string;
          "config": NonNullable<Json>;
          "created_at": string;
          "display_name": string | null;
          "enabled": boolean;
          "id": string;
          "is_default": boolean;
          "model_id": string | null;
          "name": string;
          "provider": string | null;
          "service_id": string | null;
          "updated_at": string;
        };
        SetofOptions: {
          from: "ai_interactions";
          to: "models";
          isOneToOne: true;
          isSetofReturn: true;
        };
      };
      "open_api_key": {
        Args: { "caller": Json; "key_id": string; "purpose": string; "request_id": string };
        Returns: Json;
      };
      "publish_agent": { Args: { "agent": string; "title"?: string }; Returns: number };
      "record_agent_metrics": { Args: { "date"?: string }; Returns: number };
      "record_agent_probes": { Args: { "results": Json }; Returns: Json };
      "record_api_usage": { Args: { "calls": Json }; Returns: number };
      "record_deleted_recordings": { Args: { "paths": Json }; Returns: number };
      "record_deployment_report": {
        Args: { "caller": Json; "deployment": string; "report": Json };
        Returns: Json;
      };
      "record_missing_agent_metrics": { Args: Record<PropertyKey, never>; Returns: number };
      "record_webhook_delivery": {
        Args: { "attempt": number; "delivery": string; "outcome": Json };
        Returns: string;
      };
      "refresh_agent_activity_scores": { Args: Record<PropertyKey, never>; Returns: number };
      "refresh_daily_usage": { Args: { "batch"?: number }; Returns: number };
      "replace_api_key": { Args: { "caller": Json; "key": Json; "key_id": string }; Returns: Json };
      "replay_webhook_deliveries": {
        Args: { "delivery"?: string; "endpoint": string };
        Returns: number;
      };
      "report_api_keys": { Args: { "reports": Json }; Returns: undefined };
      "report_deployment": {
        Args: { "deployment": string; "details"?: Json; "status": string };
        Returns: {
          "agent_id": string;
          "called_at": string | null;
          "created_at": string;
          "deployed_at": string | null;
          "deployment_url": string | null;
          "error_message": string | null;
          "id": string;
          "progress_message": string | null;
          "progress_percent": number | null;
          "scheduled_at": string | null;
          "snapshot": NonNullable<Json>;
          "status": string;
          "stopped_at": string | null;
          "trigger_config": NonNullable<Json>;
          "trigger_type": string | null;
          "updated_at": string;
          "version": number;
          "webhook_endpoint_id": string | null;
        };
        SetofOptions: {
          from: "*";
          to: "deployments";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "report_workflow": {
        Args: { "caller": Json; "report": Json; "workflow": string };
        Returns: Json;
      };
      "reprice_interactions": {
        Args: { "during": unknown };
        Returns: {
          "interaction_id": string;
          "new_cost": number;
          "old_cost": number;
        }[];
      };
      "reserve_attempt": { Args: { "turn_id": string }; Returns: boolean };
      "restore_organization": { Args: { "organization_id": string }; Returns: undefined };
      "resume_mcp_session": { Args: { "lifetime"?: string; "session_id": string }; Returns: Json };
      "revoke_access_key": { Args: { "access_key_id": string }; Returns: undefined };
      "rollback_agent": { Args: { "agent": string; "version": number }; Returns: number };
      "rollback_deployment": {
        Args: { "deployment": string };
        Returns: {
          "agent_id": string;
          "called_at": string | null;
          "created_at": string;
          "deployed_at": string | null;
          "deployment_url": string | null;
          "error_message": string | null;
          "id": string;
          "progress_message": string | null;
          "progress_percent": number | null;
          "scheduled_at": string | null;
          "snapshot": NonNullable<Json>;
          "status": string;
          "stopped_at": string | null;
          "trigger_config": NonNullable<Json>;
          "trigger_type": string | null;
          "updated_at": string;
          "version": number;
          "webhook_endpoint_id": string | null;
        };
        SetofOptions: {
          from: "*";
          to: "deployments";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "rotate_access_key": { Args: { "caller": Json; "request": Json }; Returns: Json };
      "rotate_widget_key": { Args: { "widget_id": string }; Returns: string };
      "run_workflow": {
        Args: { "input"?: Json; "workflow": string };
        Returns: {
          "completed_at": string | null;
          "created_at": string;
          "error_data": Json | null;
          "execution_id": string | null;
          "execution_time_ms": number | null;
          "id": string;
          "input_data": Json | null;
          "output_data": Json | null;
          "started_at": string;
          "status": string;
          "updated_at": string;
          "workflow_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "workflow_executions";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "search_interactions": {
        Args: {
          "before"?: string;
          "before_id"?: string;
          "keywords"?: (string)[];
          "metadata"?: Json;
          "organization_id": string;
          "page_size"?: number;
          "tags"?: (string)[];
        };
        Returns: {
          "agent_id": string | null;
          "agent_name": string | null;
          "content_preview": string | null;
          "created_at": string;
          "description": string | null;
          "duration_minutes": number | null;
          "ended_at": string | null;
          "external_link": string | null;
          "id": string | null;
          "input_tokens": number;
          "interaction_color": string | null;
          "interaction_icon": string | null;
          "interaction_type": string;
          "interaction_type_id": string;
          "model_name": string | null;
          "organization_id": string;
          "output_tokens": number;
          "satisfaction_rating": number | null;
          "session_id": string | null;
          "source": string;
          "started_at": string | null;
          "status": string;
          "tags": (string)[];
          "title": string;
          "total_cost": number | null;
          "turn_state": string | null;
          "usefulness_rating": number | null;
          "user_id": string | null;
          "vendor_id": string | null;
          "vendor_name": string | null;
        }[];
        SetofOptions: {
          from: "*";
          to: "recent_interactions";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "service_prices":
        | {
          Args: {
            "agent_executions": Omit<
              Database["public"]["Tables"]["agent_executions"]["Row"],
              Database["public"]["Tables"]["agent_executions"]["ComputedFields"]
            >;
          };
          Returns: {
            "cache_write_1h_rate": number | null;
            "cache_write_rate": number | null;
            "cached_input_rate": number | null;
            "created_at": string;
            "id": string;
            "input_rate": number;
            "min_input_tokens": number;
            "multiplier": number;
            "output_rate": number;
            "reasoning_rate": number | null;
            "request_rate": number;
            "service_id": string;
            "service_tier": string;
            "source": string | null;
            "unit_increment": number | null;
            "unit_minimum": number | null;
            "unit_rates": NonNullable<Json>;
            "valid_during": unknown;
            "verified_on": string | null;
          };
          SetofOptions: {
            from: "agent_executions";
            to: "service_prices";
            isOneToOne: true;
            isSetofReturn: true;
          };
        }
        | {
          Args: {
            "ai_interactions": Omit<
              Database["public"]["Tables"]["ai_interactions"]["Row"],
              Database["public"]["Tables"]["ai_interactions"]["ComputedFields"]
            >;
          };
          Returns: {
            "cache_write_1h_rate": number | null;
            "cache_write_rate": number | null;
            "cached_input_rate": number | null;
            "created_at": string;
            "id": string;
            "input_rate": number;
            "min_input_tokens": number;
            "multiplier": number;
            "output_rate": number;
            "reasoning_rate": number | null;
            "request_rate": number;
            "service_id": string;
            "service_tier": string;
            "source": string | null;
            "unit_increment": number | null;
            "unit_minimum": number | null;
            "unit_rates": NonNullable<Json>;
            "valid_during": unknown;
            "verified_on": string | null;
          };
          SetofOptions: {
            from: "ai_interactions";
            to: "service_prices";
            isOneToOne: true;
            isSetofReturn: true;
          };
        };
      "set_visitor_recording": {
        Args: { "message_id": string; "recording": Json; "visitor": Json };
        Returns: boolean;
      };
      "settle_chat_turn": { Args: { "outcome": Json; "turn_id": string }; Returns: Json };
      "start_visitor_session": {
        Args: { "page": Json; "ticket_hash": string; "token_hash": string; "visitor": Json };
        Returns: Json;
      };
      "store_agent_config": { Args: { "caller": Json; "config": Json }; Returns: Json };
      "store_oauth_token": {
        Args: { "caller": Json; "provider": string; "session_id": string; "token": Json };
        Returns: Json;
      };
      "store_widget_secret": { Args: { "caller": Json; "secret": Json }; Returns: Json };
      "swap_rotated_values": {
        Args: { "column_name": string; "swaps": Json; "table_name": string };
        Returns: number;
      };
      "sweep_chat_turns": { Args: { "expired_before"?: string }; Returns: number };
      "take_oauth_token": {
        Args: { "asked"?: Json; "caller": Json; "claimant": string; "provider": string };
        Returns: Json;
      };
      "update_agent_activity_score": { Args: { "agent_id": string }; Returns: number };
      "update_api_key_last_used": {
        Args: { "service_id"?: string; "user_id": string; "vendor_id": string };
        Returns: undefined;
      };
      "update_daily_usage_stats": { Args: { "date"?: string }; Returns: undefined };
      "vendor_services":
        | {
          Args: {
            "agent_executions": Omit<
              Database["public"]["Tables"]["agent_executions"]["Row"],
              Database["public"]["Tables"]["agent_executions"]["ComputedFields"]
            >;
          };
          Returns: {
            "context_window": number | null;
            "created_at": string;
            "description": string | null;
            "display_name": string;
            "id": string;
            "image_tokens": number | null;
            "is_active": boolean;
            "max_output_tokens": number | null;
            "replaced_by": string | null;
            "retired_on": string | null;
            "service_kind": string;
            "service_name": string;
            "updated_at": string;
            "vendor_id": string;
            "voices": (string)[] | null;
          };
          SetofOptions: {
            from: "agent_executions";
            to: "vendor_services";
            isOneToOne: true;
            isSetofReturn: true;
          };
        }
        | {
          Args: {
            "ai_interactions": Omit<
              Database["public"]["Tables"]["ai_interactions"]["Row"],
              Database["public"]["Tables"]["ai_interactions"]["ComputedFields"]
            >;
          };
          Returns: {
            "context_window": number | null;
            "created_at": string;
            "description": string | null;
            "display_name": string;
            "id": string;
            "image_tokens": number | null;
            "is_active": boolean;
            "max_output_tokens": number | null;
            "replaced_by": string | null;
            "retired_on": string | null;
            "service_kind": string;
            "service_name": string;
            "updated_at": string;
            "vendor_id": string;
            "voices": (string)[] | null;
          };
          SetofOptions: {
            from: "ai_interactions";
            to: "vendor_services";
            isOneToOne: true;
            isSetofReturn: true;
          };
        };
      "vendors":
        | {
          Args: {
            "agent_executions": Omit<
              Database["public"]["Tables"]["agent_executions"]["Row"],
              Database["public"]["Tables"]["agent_executions"]["ComputedFields"]
            >;
          };
          Returns: {
            "api_format": string;
            "auth_header": string;
            "auth_scheme": string | null;
            "auth_type": string;
            "base_url": string | null;
            "cancel_stops_billing": boolean;
            "created_at": string;
            "description": string | null;
            "extra_fields": (string)[];
            "id": string;
            "instructions_first": boolean;
            "is_active": boolean;
            "key_pattern": string | null;
            "max_tokens_field": string;
            "metadata_needs_store": boolean;
            "name": string;
            "probe_by_call": boolean;
            "probe_path": string | null;
            "takes_developer_role": boolean;
            "takes_parallel_tool_calls": boolean;
            "takes_stream_options": boolean;
            "updated_at": string;
            "usage_path": string | null;
          };
          SetofOptions: {
            from: "agent_executions";
            to: "vendors";
            isOneToOne: true;
            isSetofReturn: true;
          };
        }
        | {
          Args: {
            "ai_interactions": Omit<
              Database["public"]["Tables"]["ai_interactions"]["Row"],
              Database["public"]["Tables"]["ai_interactions"]["ComputedFields"]
            >;
          };
          Returns: {
            "api_format": string;
            "auth_header": string;
            "auth_scheme": string | null;
            "auth_type": string;
            "base_url": string | null;
            "cancel_stops_billing": boolean;
            "created_at": string;
            "description": string | null;
            "extra_fields": (string)[];
            "id": string;
            "instructions_first": boolean;
            "is_active": boolean;
            "key_pattern": string | null;
            "max_tokens_field": string;
            "metadata_needs_store": boolean;
            "name": string;
            "probe_by_call": boolean;
            "probe_path": string | null;
            "takes_developer_role": boolean;
            "takes_parallel_tool_calls": boolean;
            "takes_stream_options": boolean;
            "updated_at": string;
            "usage_path": string | null;
          };
          SetofOptions: {
            from: "ai_interactions";
            to: "vendors";
            isOneToOne: true;
            isSetofReturn: true;
          };
        };
      "verify_daily_usage": {
        Args: { "from_date": string; "to_date": string };
        Returns: {
          "agent_id": string | null;
          "date": string | null;
          "duration_minutes": number | null;
          "failed": number | null;
          "input_tokens": number | null;
          "interactions": number | null;
          "model_name": string | null;
          "organization_id": string | null;
          "output_tokens": number | null;
          "recorded": number | null;
          "recorded_cost": number | null;
          "satisfaction_count": number | null;
          "satisfaction_sum": number | null;
          "total_cost": number | null;
          "unpriced": number | null;
          "usefulness_count": number | null;
          "usefulness_sum": number | null;
          "user_id": string | null;
          "vendor_id": string | null;
        }[];
        SetofOptions: {
          from: "*";
          to: "daily_usage";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "void_chat_turn": { Args: { "request_id": string }; Returns: boolean };
      "warn_of_rate_limit": {
        Args: { "organization_id"?: string; "per_minute": number; "user_id"?: string };
        Returns: undefined;
      };
      "widget_allows": { Args: { "key": string; "origin": string }; Returns: boolean };
    };
    Enums: {
      [_ in never]: never;
    };
    CompositeTypes: {
      [_ in never]: never;
    };
  };
};

type DatabaseWithoutInternals = Omit<Database, "__InternalSupabase">;

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "public">];

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof (
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
    )
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals } ? (
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
  )[TableName] extends {
    Row: infer R;
  } ? R
  : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
      Row: infer R;
    } ? R
    : never
  : never;

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends
    {
      Insert: infer I;
    } ? I
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Insert: infer I;
    } ? I
    : never
  : never;

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends
    {
      Update: infer U;
    } ? U
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Update: infer U;
    } ? U
    : never
  : never;

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema["Enums"]
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
    ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
  : never;

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][
    CompositeTypeName
  ]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
    ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
  : never;

export const Constants = {
  "public": {
    Enums: {},
  },
} as const;
